import { cohereEnvelope } from '../vendors/cohere/envelope.ts'
import type { ChatDialect } from '../dialect.ts'
import { readProviderProblem } from '../shared/problems/provider-problem.ts'
import { isFreeForm, outputCapEdits, readCall, upstreamEdits } from './read-call.ts'
import { readExtent } from './read-extent.ts'
import { readReply } from './read-reply.ts'
import { openStream } from './read-stream.ts'
import { writeStreamProblem } from './stream-problem.ts'
import { translation } from './translation/index.ts'

/** Cohere's chat, version 2 of its API (`/v2/chat`). */
export const cohereChat: ChatDialect = {
  name: 'cohere-chat',
  operation: 'chat',
  readCall,
  readExtent,
  isFreeForm,
  upstreamEdits,
  outputCapEdits,
  readReply,
  openStream,
  readProblem: readProviderProblem,
  ...cohereEnvelope,
  translation,
  writeStreamProblem,
}
