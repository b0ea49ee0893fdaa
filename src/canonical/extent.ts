import type { Json } from './json.ts'
import { isListPriced } from './service.ts'

/**
 * How much a provider may have to read for one call: what a bound on its input tokens is made of (ledger.md C4). Read from
 * a body in its own dialect, only when a bound is wanted.
 */
export interface Extent {
  readonly messages: number
  /** Tools whose wording is the client's own. */
  readonly tools: number
  /** Tools that the client runs and the provider words, at its own length (Anthropic's `bash`, `text_editor`, `computer`). */
  readonly wordedTools: number
  readonly images: number
  /** What the provider reads and the body does not hold, in words for a refusal: `a document by URL`, `mcp_servers`. */
  readonly unseen: readonly string[]
  /**
   * How often the provider may read its whole context at most. 1, unless it may call tools of its own in between.
   * `undefined`: the call sets no bound; `unbounded` says why.
   */
  readonly rounds: number | undefined
  /** Which part of the call lets the provider go on without a bound. */
  readonly unbounded: string | undefined
  /** The field by which the call could bound that. Absent: none does. */
  readonly boundedBy?: string
  /** How many inputs it holds, each of which may fill the model's window by itself. Absent: one. */
  readonly inputs?: number
  /** How often the provider may write the whole input back as part of its answer. Absent: never. */
  readonly echoes?: number
  /** What of the call is charged at rates that no price list here has: `service_tier: priority`, `tool file_search`. */
  readonly pricedApart: string | undefined
  /** In what alone the answer may be, as the call says: `text`, `image`, `audio`. Absent: in whatever its model can. */
  readonly answersIn?: readonly string[]
}

/** Puts an extent together while a body is walked. */
export class ExtentDraft {
  messages = 0
  tools = 0
  wordedTools = 0
  images = 0
  inputs = 1
  echoes = 0
  readonly #unseen = new Set<string>()
  #rounds = 1
  #unbounded: string | undefined
  #boundedBy: string | undefined
  #pricedApart: string | undefined
  #answersIn: readonly string[] | undefined

  /** The provider reads this, and it is not in the body. */
  unseen(what: string): void {
    this.#unseen.add(what)
  }

  /**
   * The provider may use a tool of its own, and read everything anew after each use.
   * @param mostUses as the call declares it; `undefined`: it declares none.
   * @param field where it could. Left out: the dialect has none.
   */
  serverTool(what: string, mostUses: number | undefined, field?: string): void {
    this.#unseen.add(what)
    if (mostUses !== undefined) this.#rounds += mostUses
    else if (this.#unbounded === undefined) {
      this.#unbounded = what
      this.#boundedBy = field
    }
  }

  /** Tiers that are quicker or nearer cost more than the bound of a call, which goes by the list; `flex` costs less. */
  tier(field: string, value: unknown): void {
    if (value === undefined || value === null) return
    if (typeof value === 'string' && (isListPriced(value) || value.toLowerCase() === 'flex')) return
    this.#pricedApart ??= `${field}: ${JSON.stringify(value)}`.slice(0, 100)
  }

  /** A tool of the provider's that costs a fee beside its tokens, which no price list here has and no answer counts. */
  feeOf(what: string): void {
    this.#pricedApart ??= what
  }

  /** @param modalities in which the answer may be, as they stand in the call. What nobody knows here may stand for any of them. */
  answersIn(modalities: readonly Json[]): void {
    const words = modalities.map((one) => (typeof one === 'string' ? one.toLowerCase() : ''))
    if (words.length > 0 && words.every((word) => knownModalities.has(word))) this.#answersIn = words
  }

  done(): Extent {
    return {
      messages: this.messages,
      tools: this.tools,
      wordedTools: this.wordedTools,
      images: this.images,
      unseen: [...this.#unseen],
      rounds: this.#unbounded === undefined ? this.#rounds : undefined,
      unbounded: this.#unbounded,
      ...(this.#boundedBy !== undefined && { boundedBy: this.#boundedBy }),
      ...(this.inputs > 1 && { inputs: this.inputs }),
      ...(this.echoes > 0 && { echoes: this.echoes }),
      pricedApart: this.#pricedApart,
      ...(this.#answersIn && { answersIn: this.#answersIn }),
    }
  }
}

const knownModalities: ReadonlySet<string> = new Set(['text', 'image', 'audio'])
