import { ownUnits, usageComponents, type OwnUnit, type UsageComponent } from '../canonical/usage.ts'
import { dividedUp, rateOfNumber, type GivenRates, type Rate, type Rates } from './rates.ts'

/** How a list's terms bear on the gaps in it. */
export interface FillTerms {
  /** Claude's cache writes have documented multiples of the input price. */
  readonly isClaude: boolean
  /** Where every call costs a fee (Perplexity), searching is what the fee pays for. */
  readonly hasRequestFee: boolean
  /** What a web search costs there, where that is known from elsewhere. */
  readonly search?: SearchPrice | undefined
}

interface SearchPrice {
  readonly rate: Rate
  /** Completes "webSearches is charged". */
  readonly wording: string
}

export interface FilledRates {
  readonly rates: Rates
  /** Components without a rate, for which nothing stands in. */
  readonly unrated: ReadonlySet<UsageComponent>
  /** One sentence for each gap: what was charged in its place. */
  readonly notes: readonly string[]
}

/**
 * What a web search costs where nobody says: 10 USD for 1,000, the dearest in genai-prices 0.1.8 (Anthropic, OpenAI and
 * OpenRouter list 10, Perplexity 5). A missing price is never zero (failures.md M10).
 */
export const assumedSearchRate: Rate = rateOfNumber(10, 1_000)

/**
 * What Google Search costs with a Gemini model, which genai-prices 0.1.8 does not list: LiteLLM's table (2026-07) and Portkey's (2026-08)
 * have these for Google and Vertex alike. Searches are counted as they are billed: by the query from Gemini 3 on, by the answer
 * before. Under a name without a number they cost as the dearer ones.
 * @returns `undefined` for other makers' models.
 */
export function googleSearchPrice(modelName: string): SearchPrice | undefined {
  if (!/gemini/i.test(modelName)) return undefined
  return /gemini-(?:[3-9]|\d\d)/i.test(modelName)
    ? { rate: rateOfNumber(14, 1_000), wording: "0.014 USD for each query of Google's, as other tables list it" }
    : { rate: rateOfNumber(35, 1_000), wording: '0.035 USD for each answer that searched, as other tables list it' }
}

/** Whether a model is one of Anthropic's, by the name that every seller keeps. */
export function isClaude(modelName: string): boolean {
  return /claude/i.test(modelName)
}

/**
 * Fills the gaps of a price list, so that every component of a usage has a rate. Nothing is filled in silence: each gap
 * is told in `notes`.
 * Units of their own have no stand-in: a picture costs nothing like a token. Where tokens have no price, likewise.
 * @param given at least one of `inputUncached`, `outputText` and the units.
 */
export function fillRates(given: GivenRates, terms: FillTerms): FilledRates {
  const notes: string[] = []
  const rate = (component: UsageComponent, fallback: Rate, wording: string): Rate => {
    const listed = given[component]
    if (listed !== undefined) return listed
    notes.push(`${component} is charged ${wording}`)
    return fallback
  }

  // Only embeddings and the like have one of the two; the other should not occur, and must not be free if it does.
  const inputUncached = rate('inputUncached', given.outputText ?? 0n, 'as output')
  const outputText = rate('outputText', inputUncached, 'as input')

  const cacheRead = rate('cacheRead', inputUncached, 'as input')

  // Anthropic docs, prompt caching: a write costs 1.25 x input for five minutes and 2 x input for one hour (behaviour.md
  // E3). Others bill a write as input unless they list a price for it.
  const documented = "input, Anthropic's documented multiple"
  const cacheWrite5m = terms.isClaude
    ? rate('cacheWrite5m', dividedUp(inputUncached * 5n, 4n), `1.25 x ${documented}`)
    : rate('cacheWrite5m', inputUncached, 'as input')
  const cacheWrite1h = terms.isClaude
    ? rate('cacheWrite1h', inputUncached * 2n, `2 x ${documented}`)
    : rate('cacheWrite1h', cacheWrite5m, 'as cacheWrite5m')

  const rates: Rates = {
    inputUncached,
    cacheRead,
    cacheReadAudio: rate('cacheReadAudio', cacheRead, 'as cacheRead'),
    cacheReadImage: rate('cacheReadImage', cacheRead, 'as cacheRead'),
    cacheWrite5m,
    cacheWrite1h,
    cacheWriteOther: rate('cacheWriteOther', cacheWrite5m, 'as cacheWrite5m'),
    inputAudio: rate('inputAudio', inputUncached, 'as input'),
    inputImage: rate('inputImage', inputUncached, 'as input'),
    outputText,
    outputReasoning: rate('outputReasoning', outputText, 'as output'),
    outputAudio: rate('outputAudio', outputText, 'as output'),
    outputImage: rate('outputImage', outputText, 'as output'),
    webSearches: searchRate(),
    searches: given.searches ?? 0n,
    images: given.images ?? 0n,
    audioSeconds: given.audioSeconds ?? 0n,
    characters: given.characters ?? 0n,
  }
  return { rates, unrated: unratedOf(given), notes }

  function searchRate(): Rate {
    if (terms.hasRequestFee) return rate('webSearches', 0n, 'by the fee for each call')
    // Who says that everything costs nothing has said it of searches too.
    if (isFree(given)) return rate('webSearches', 0n, 'nothing, as everything else')
    if (terms.search) return rate('webSearches', terms.search.rate, terms.search.wording)
    return rate('webSearches', assumedSearchRate, '0.01 USD each, which is assumed: no price is listed')
  }
}

function unratedOf(given: GivenRates): ReadonlySet<UsageComponent> {
  // Who says that everything costs nothing has said it of what is no token too.
  if (isFree(given)) return new Set()
  const hasTokens = given.inputUncached !== undefined || given.outputText !== undefined
  const units: ReadonlySet<UsageComponent> = new Set<OwnUnit>(ownUnits)
  return new Set(
    usageComponents.filter((component) =>
      units.has(component) ? given[component] === undefined : !hasTokens && given[component] === undefined,
    ),
  )
}

function isFree(given: GivenRates): boolean {
  return Object.values(given).every((listed) => listed === 0n)
}
