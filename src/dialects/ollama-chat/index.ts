import type { ChatDialect } from '../dialect.ts'
import { readProviderProblem } from '../shared/problems/provider-problem.ts'
import { outputCapEdits, upstreamEdits } from './edits.ts'
import { writeProblem, writeStreamProblem } from './problems.ts'
import { isFreeForm, readCall } from './read-call.ts'
import { readExtent } from './read-extent.ts'
import { readReply } from './read-reply.ts'
import { openStream } from './read-stream.ts'
import { translation } from './translation/index.ts'

/** Ollama's own chat, `/api/chat`: a stream unless it is told otherwise, as lines of JSON. */
export const ollamaChat: ChatDialect = {
  name: 'ollama-chat',
  operation: 'chat',
  framing: 'ndjson',
  readCall,
  readExtent,
  isFreeForm,
  upstreamEdits,
  outputCapEdits,
  readReply,
  openStream,
  readProblem: readProviderProblem,
  writeProblem,
  // It has no headers for limits.
  writeLimits: () => [],
  translation,
  writeStreamProblem,
}
