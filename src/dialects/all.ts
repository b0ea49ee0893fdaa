import { anthropicCountTokens } from './anthropic-messages/count-tokens.ts'
import { anthropicMessages } from './anthropic-messages/index.ts'
import { bedrockConverse } from './bedrock-converse/index.ts'
import { cohereEmbeddings } from './cohere-embeddings/index.ts'
import { cohereChat } from './cohere-chat/index.ts'
import { cohereRerank } from './cohere-rerank/index.ts'
import type { ChatDialect, ChatDialectName, Dialect, DialectName } from './dialect.ts'
import { geminiEmbeddings } from './gemini-embeddings/index.ts'
import { geminiCountTokens } from './gemini-generate/count-tokens.ts'
import { geminiGenerate } from './gemini-generate/index.ts'
import { jinaRerank } from './jina-rerank/index.ts'
import { openAiTranscriptions, openAiTranslations } from './openai-audio/listening.ts'
import { openAiSpeech } from './openai-audio/speech.ts'
import { ollamaChat } from './ollama-chat/index.ts'
import { openAiChat } from './openai-chat/index.ts'
import { openAiCompletions } from './openai-completions/index.ts'
import { openAiEmbeddings } from './openai-embeddings/index.ts'
import { openAiImageEdits, openAiImages, openAiImageVariations } from './openai-images/index.ts'
import { openAiModerations } from './openai-moderations/index.ts'
import { openAiResponses } from './openai-responses/index.ts'
import { openAiInputTokens } from './openai-responses/input-tokens.ts'
import { voyageEmbeddings } from './voyage-embeddings/index.ts'
import { voyageRerank } from './voyage-rerank/index.ts'

export const dialects: { readonly [Name in DialectName]: Name extends ChatDialectName ? ChatDialect : Dialect } = {
  'openai-chat': openAiChat,
  'anthropic-messages': anthropicMessages,
  'openai-responses': openAiResponses,
  'gemini-generate': geminiGenerate,
  'bedrock-converse': bedrockConverse,
  'cohere-chat': cohereChat,
  'openai-completions': openAiCompletions,
  'ollama-chat': ollamaChat,
  'openai-embeddings': openAiEmbeddings,
  'gemini-embeddings': geminiEmbeddings,
  'cohere-embeddings': cohereEmbeddings,
  'voyage-embeddings': voyageEmbeddings,
  'jina-rerank': jinaRerank,
  'cohere-rerank': cohereRerank,
  'voyage-rerank': voyageRerank,
  'openai-moderations': openAiModerations,
  'anthropic-count-tokens': anthropicCountTokens,
  'gemini-count-tokens': geminiCountTokens,
  'openai-input-tokens': openAiInputTokens,
  'openai-images': openAiImages,
  'openai-image-edits': openAiImageEdits,
  'openai-image-variations': openAiImageVariations,
  'openai-speech': openAiSpeech,
  'openai-transcriptions': openAiTranscriptions,
  'openai-translations': openAiTranslations,
}
