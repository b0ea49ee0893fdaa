import { ExtentDraft } from '../../canonical/extent.ts'
import type { Dialect } from '../dialect.ts'
import { openAiProblem, openAiStreamProblem } from '../openai-envelope.ts'
import { openAiLimits } from '../openai-limits.ts'
import { readProviderProblem } from '../provider-problem.ts'
import { isFreeForm, readCall, upstreamEdits } from './read-call.ts'
import { openStream, readReply } from './read-reply.ts'

/** OpenAI Embeddings: one call, one answer, no streams. */
export const openAiEmbeddings: Dialect = {
  name: 'openai-embeddings',
  operation: 'embeddings',
  readCall,
  // All that is read stands in the body.
  readExtent: () => new ExtentDraft().done(),
  isFreeForm,
  upstreamEdits,
  // Nothing is written that could be capped.
  outputCapEdits: () => [],
  readReply,
  openStream,
  readProblem: readProviderProblem,
  writeProblem: openAiProblem,
  writeLimits: openAiLimits,
  translation: undefined,
  writeStreamProblem: openAiStreamProblem,
}
