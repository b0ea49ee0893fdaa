import type { ChatDialectName } from '../../dialect.ts'
import type { Material } from '../material.ts'
import { messagesMaterial } from './anthropic-messages.ts'
import { converseMaterial } from './bedrock-converse.ts'
import { cohereMaterial } from './cohere-chat.ts'
import { generateMaterial } from './gemini-generate.ts'
import { ollamaMaterial } from './ollama-chat.ts'
import { chatMaterial } from './openai-chat.ts'
import { completionsMaterial } from './openai-completions.ts'
import { responsesMaterial } from './openai-responses.ts'

export const materials: Readonly<Record<ChatDialectName, Material>> = {
  'openai-chat': chatMaterial,
  'anthropic-messages': messagesMaterial,
  'openai-responses': responsesMaterial,
  'gemini-generate': generateMaterial,
  'bedrock-converse': converseMaterial,
  'cohere-chat': cohereMaterial,
  'openai-completions': completionsMaterial,
  'ollama-chat': ollamaMaterial,
}
