import type { DialectName } from '../../dialect.ts'
import type { Material } from '../material.ts'
import { messagesMaterial } from './anthropic-messages.ts'
import { generateMaterial } from './gemini-generate.ts'
import { chatMaterial } from './openai-chat.ts'
import { responsesMaterial } from './openai-responses.ts'

/** `undefined`: an operation that only one dialect has. */
export const materials: Readonly<Record<DialectName, Material | undefined>> = {
  'openai-chat': chatMaterial,
  'anthropic-messages': messagesMaterial,
  'openai-responses': responsesMaterial,
  'gemini-generate': generateMaterial,
  'bedrock-converse': undefined,
  'openai-embeddings': undefined,
}
