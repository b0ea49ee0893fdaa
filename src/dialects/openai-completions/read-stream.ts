import type { Call } from '../../canonical/call.ts'
import type { StreamReader } from '../dialect.ts'
import { ChunkStream, type ChunkText } from '../vendors/openai/chunks.ts'
import { generatedBytes } from './generated-bytes.ts'

export function openStream(call: Call): StreamReader {
  return new ChunkStream(call, texts)
}

const texts: ChunkText = { bytesOf: generatedBytes, keys: ['"text":"', '"text": "'] }
