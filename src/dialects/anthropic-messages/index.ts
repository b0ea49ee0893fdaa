import { isGiven } from '../shared/call-fields.ts'
import type { ChatDialect } from '../dialect.ts'
import { readProviderProblem } from '../shared/problems/provider-problem.ts'
import { writeLimits } from './limits.ts'
import { writeProblem, writeStreamProblem } from './envelope.ts'
import { isFreeForm } from './free-form.ts'
import { kept } from './kept.ts'
import { readCall, upstreamEdits } from './read-call.ts'
import { readExtent } from './read-extent.ts'
import { readReply } from './read-reply.ts'
import { openStream } from './read-stream.ts'
import { translation } from './translation/index.ts'

/** Anthropic Messages, from Anthropic or from a cloud that serves its models in this shape. */
export const anthropicMessages: ChatDialect = {
  name: 'anthropic-messages',
  operation: 'chat',
  betaHeader: 'anthropic-beta',
  readCall,
  readExtent,
  isFreeForm,
  kept,
  upstreamEdits,
  outputCapEdits: (body, tokens) => (isGiven(body['max_tokens']) ? [] : [{ key: 'max_tokens', value: tokens }]),
  readReply,
  openStream,
  readProblem: readProviderProblem,
  writeProblem,
  writeLimits,
  translation,
  writeStreamProblem,
}
