import type { ChatDialect } from '../dialect.ts'
import { readProviderProblem } from '../shared/problems/provider-problem.ts'
import { address } from './address.ts'
import { writeProblem, writeStreamProblem } from '../vendors/gemini/envelope.ts'
import { isFreeForm } from './free-form.ts'
import { kept } from './kept.ts'
import { outputCapEdits, readCall, upstreamEdits } from './read-call.ts'
import { readExtent } from './read-extent.ts'
import { readReply } from './read-reply.ts'
import { openStream } from './read-stream.ts'
import { translation } from './translation/index.ts'

/** Gemini's `generateContent`, from Google or from whoever serves its models in this shape. */
export const geminiGenerate: ChatDialect = {
  name: 'gemini-generate',
  operation: 'chat',
  address,
  readCall,
  readExtent,
  isFreeForm,
  kept,
  upstreamEdits,
  outputCapEdits,
  readReply,
  openStream,
  readProblem: readProviderProblem,
  writeProblem,
  // Google has no headers for what a limit leaves.
  writeLimits: () => [],
  translation,
  writeStreamProblem,
}
