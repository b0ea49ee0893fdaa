import { writtenService, type Service } from '../canonical/service.ts'
import { usageComponents } from '../canonical/usage.ts'
import { ratedPrice, type RatedPrice } from './rated-price.ts'
import { withTokensTimes, type Multiple } from './surcharge.ts'

/** What a book does with an answer that was not served as its price means. */
export interface ServedPrices {
  /**
   * @param modelNames the best first, as a price is looked for.
   * @returns `undefined` where nobody publishes what it costs then. A price of nothing stays one.
   */
  priceOf(
    price: RatedPrice,
    service: Service,
    priceProvider: string | undefined,
    modelNames: readonly string[],
  ): RatedPrice | undefined
}

/** Prices are made once for each way to be served: only words that the table knows make one. */
export function openServedPrices(): ServedPrices {
  const known = new WeakMap<RatedPrice, Map<string, RatedPrice>>()
  return {
    priceOf: (price, service, priceProvider, modelNames) => {
      // How it was served stands in its version all the same: the price may turn out to be wrong.
      if (isFree(price)) return ratedPrice({ ...price, version: `${price.version}${writtenService(service)}` })
      const multiple = multipleOf(service, priceProvider, modelNames)
      if (multiple === undefined) return undefined
      if (multiple.times === multiple.over) return price
      const ofPrice = known.get(price) ?? new Map<string, RatedPrice>()
      known.set(price, ofPrice)
      const key = `${multiple.times}/${multiple.over} ${service}`
      const served =
        ofPrice.get(key) ?? withTokensTimes(price, multiple, `it was served as ${service}`, writtenService(service))
      ofPrice.set(key, served)
      return served
    },
  }
}

function isFree({ bands, requestFee }: RatedPrice): boolean {
  return requestFee === 0n && bands.every(({ rates }) => usageComponents.every((component) => rates[component] === 0n))
}

/** The product over the words; `undefined` where one of them is not known. */
function multipleOf(
  service: Service,
  priceProvider: string | undefined,
  modelNames: readonly string[],
): Multiple | undefined {
  const rows = priceProvider === undefined ? undefined : published.get(priceProvider)
  let product: Multiple = { times: 1n, over: 1n }
  for (const word of service.split(' ')) {
    // Elsewhere than at Anthropic itself the name of a model or of its provider says where it runs, and its price with it.
    if (word.startsWith('geo:') && priceProvider !== 'anthropic') continue
    const row = modelNames
      .map((modelName) => rows?.find((one) => one.word === word && one.models.test(modelName)))
      .find((found) => found !== undefined)
    if (row === undefined) return undefined
    product = { times: product.times * row.times, over: product.over * row.over }
  }
  return product
}

interface Row extends Multiple {
  readonly word: string
  readonly models: RegExp
}

const every = /./

/**
 * What the providers publish: how many times the standard price tokens cost. Where a provider's rates are no one multiple of its standard
 * rates, or stand nowhere, there is no row, and the cost is unknown.
 */
const published: ReadonlyMap<string, readonly Row[]> = new Map([
  [
    'openai',
    [
      // The tables of LiteLLM (2026-07) and Portkey (2026-08) agree on these.
      { word: 'priority', models: /^gpt-4o-2024-05-13$/, times: 7n, over: 4n },
      { word: 'priority', models: /^(?:gpt-4\.1(?:-mini)?|o3)(?:-\d{4}-\d\d-\d\d)?$/, times: 7n, over: 4n },
      { word: 'priority', models: /^gpt-4o(?:-\d{4}-\d\d-\d\d)?$/, times: 17n, over: 10n },
      { word: 'priority', models: /^gpt-4o-mini(?:-\d{4}-\d\d-\d\d)?$/, times: 5n, over: 3n },
      { word: 'priority', models: /^o4-mini(?:-\d{4}-\d\d-\d\d)?$/, times: 20n, over: 11n },
      { word: 'priority', models: /^gpt-5(?:-mini|\.1-codex-mini)(?:-\d{4}-\d\d-\d\d)?$/, times: 9n, over: 5n },
      {
        word: 'priority',
        models: /^gpt-5(?:\.[1-3])?(?:-chat-latest|-codex|-codex-spark)?(?:-\d{4}-\d\d-\d\d)?$/,
        times: 2n,
        over: 1n,
      },
      {
        word: 'priority',
        models: /^gpt-5\.(?:4(?:-mini)?|5|6(?:-luna|-sol|-terra)?)(?:-\d{4}-\d\d-\d\d)?$/,
        times: 2n,
        over: 1n,
      },
      { word: 'priority', models: /^gpt-4\.1-nano(?:-\d{4}-\d\d-\d\d)?$/, times: 2n, over: 1n },
      // OpenAI docs, "Flex processing", read 2026-11: at the rates of batches.
      { word: 'flex', models: every, times: 1n, over: 2n },
    ],
  ],
  [
    'anthropic',
    [
      // Anthropic docs, "Fast mode", read 2026-11, and the prices that OpenRouter lists for Opus 5.
      { word: 'fast', models: /^claude-opus-4-[67](?:-\d{8})?$/, times: 6n, over: 1n },
      { word: 'fast', models: /^claude-opus-(?:4-8|5)(?:-\d{8})?$/, times: 2n, over: 1n },
      // Anthropic docs, "Data residency", read 2026-11; models that cannot be held to a place refuse such a call.
      { word: 'geo:us', models: every, times: 11n, over: 10n },
    ],
  ],
  [
    'google',
    [
      // LiteLLM's table (2026-07), for Gemini's own API and Vertex AI alike.
      { word: 'priority', models: /^gemini-3(?:\.\d)?-/, times: 9n, over: 5n },
      // Gemini docs, "Flex inference", read 2026-11.
      { word: 'flex', models: /^gemini-/, times: 1n, over: 2n },
    ],
  ],
  [
    'aws',
    [
      // Portkey's table (2026-08), for each model and region that has them.
      { word: 'priority', models: every, times: 7n, over: 4n },
      { word: 'flex', models: every, times: 1n, over: 2n },
    ],
  ],
])
