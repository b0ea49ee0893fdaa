import type { Call } from '../../canonical/call.ts'
import type { StreamReader } from '../dialect.ts'
import { ChunkStream, type ChunkText } from '../vendors/openai/chunks.ts'
import { generatedBytes } from './generated-bytes.ts'

export function openStream(call: Call): StreamReader {
  return new ChunkStream(call, deltas)
}

const deltas: ChunkText = {
  bytesOf: (choices) => generatedBytes(choices, 'delta'),
  // In the order of how common they are. The first also finds `reasoning_content`.
  keys: [
    'content":"',
    '"arguments":"',
    'reasoning":"',
    'reasoning_content":"',
    'content": "',
    '"arguments": "',
    'reasoning": "',
  ],
}
