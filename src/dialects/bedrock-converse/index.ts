import type { ChatDialect } from '../dialect.ts'
import { address } from './address.ts'
import { readAmazonProblem } from '../vendors/amazon/problem.ts'
import { writeProblem, writeStreamProblem } from './problems.ts'
import { isFreeForm, outputCapEdits, readCall, upstreamEdits } from './read-call.ts'
import { readExtent } from './read-extent.ts'
import { readReply } from './read-reply.ts'
import { openStream } from './read-stream.ts'
import { translation } from './translation/index.ts'

/** Amazon Bedrock's Converse, one shape for the models of all makers there. */
export const bedrockConverse: ChatDialect = {
  name: 'bedrock-converse',
  operation: 'chat',
  address,
  framing: 'aws-event-stream',
  readCall,
  readExtent,
  isFreeForm,
  upstreamEdits,
  outputCapEdits,
  readReply,
  openStream,
  readProblem: readAmazonProblem,
  writeProblem,
  // Bedrock has no headers for what a limit leaves.
  writeLimits: () => [],
  translation,
  writeStreamProblem,
}
