import { anthropic } from './anthropic/index.ts'
import { azure } from './azure/index.ts'
import { bedrock } from './bedrock/index.ts'
import { cohere } from './cohere/index.ts'
import { gemini } from './gemini/index.ts'
import type { ProviderKind } from './kind.ts'
import { ollama } from './ollama/index.ts'
import { openaiCompatible } from './openai-compatible/index.ts'
import { rowKinds } from './openai-compatible/row-kinds.ts'
import { openai } from './openai/index.ts'
import type { ProviderSettings } from './settings.ts'
import { simulated } from './simulated/index.ts'
import { vertex } from './vertex/index.ts'
import { voyage } from './voyage/index.ts'

/** Every kind of provider there is. A kind that the config knows and this table does not, does not compile. */
export const providerKinds = {
  openai,
  anthropic,
  gemini,
  azure,
  vertex,
  bedrock,
  cohere,
  'openai-compatible': openaiCompatible,
  ...rowKinds,
  ollama,
  simulated,
  voyage,
} as const satisfies Record<ProviderSettings['kind'], ProviderKind>
