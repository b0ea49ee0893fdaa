import type { Json } from '../../canonical/json.ts'
import type { ReplyFacts } from '../dialect.ts'
import { readChoicesReply } from '../vendors/openai/reply.ts'
import { generatedBytes } from './generated-bytes.ts'

export function readReply(body: Json): ReplyFacts {
  return readChoicesReply(body, generatedBytes)
}
