import type { TargetWord } from '../dialects/translation.ts'
import type { AzureConfig } from './azure-settings.ts'
import type { BedrockConfig } from './bedrock-settings.ts'
import type { VertexConfig } from './vertex-settings.ts'
import type { Credential, NetworkSettings, Provider } from './provider.ts'

/** A kind of provider: which dialects it speaks at which paths, and how it wants to be addressed. One folder each. */
export interface ProviderKind {
  /** As the config spells it. */
  readonly kind: string
  /** What there is to know of it before it is opened; `docs/providers.md` tells it. */
  readonly about?: KindAbout
  /** @throws Error where the kind has no address of its own and `settings.baseUrl` gives none. */
  open(
    name: string,
    settings: KindSettings,
    credentials: readonly Credential[],
  ): Omit<Provider, 'tags' | 'onAbort' | 'reserves' | 'native'>
}

export interface KindAbout {
  /** As its makers write it. */
  readonly title: string
  /** Where it is unless the config says otherwise, for a reader: text, since clouds have an address for each region. */
  readonly baseUrl?: string
  /** The day of the newest recorded exchange that a test plays, `YYYY-MM-DD`. Absent: nobody has seen it work. */
  readonly recordedOn?: string
  /** What is odd about it, each with source and date. */
  readonly quirks?: readonly string[]
}

export interface KindSettings {
  readonly baseUrl: string | undefined
  readonly network: NetworkSettings
  /** Wins over the price list that the kind belongs to. */
  readonly priceProvider: string | undefined
  readonly takes?: ReadonlySet<TargetWord> | undefined
  /** It also speaks OpenAI's Responses. */
  readonly responses?: boolean | undefined
  /** It also speaks OpenAI's Completions, of before there was chat. */
  readonly completions?: boolean | undefined
  /** The whole of its settings, for a kind that has more than these. */
  readonly azure?: AzureConfig | undefined
  readonly vertex?: VertexConfig | undefined
  readonly bedrock?: BedrockConfig | undefined
  /** What the references in them lead to, by their dotted keys, such as `entra.clientSecret`. */
  readonly secrets?: Readonly<Record<string, string>> | undefined
  /** It also has OpenAI's files, batches and stored responses. */
  readonly carries?: boolean | undefined
}
