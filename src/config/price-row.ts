import { z } from 'zod'
import { momentText } from './moment.ts'

/** A price in the config: a plain decimal as a string, so that no double ever touches money. Never negative. */
const usd = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,12})?$/, 'must be a plain decimal number of dollars in quotes, such as "1.25"')

const perMillion = (what: string) => usd.describe(`USD per million ${what}, as a decimal string.`)

const tokenRates = {
  input: perMillion('input tokens that no cache served').optional(),
  output: perMillion('output tokens').optional(),
  cacheRead: perMillion('input tokens read from a prompt cache. Default: the price of input.').optional(),
  cacheReadAudio: perMillion('input tokens of audio read from a prompt cache. Default: cacheRead.').optional(),
  cacheReadImage: perMillion('input tokens of images read from a prompt cache. Default: cacheRead.').optional(),
  cacheWrite5m: perMillion(
    'input tokens written to a cache that lives five minutes. Default: the price of input.',
  ).optional(),
  cacheWrite1h: perMillion('input tokens written to a cache that lives one hour. Default: cacheWrite5m.').optional(),
  cacheWriteOther: perMillion(
    'input tokens written to a cache whose lifetime is not told. Default: cacheWrite5m.',
  ).optional(),
  inputAudio: perMillion('input tokens of audio. Default: the price of input.').optional(),
  inputImage: perMillion('input tokens of images. Default: the price of input.').optional(),
  outputReasoning: perMillion('output tokens of reasoning. Default: the price of output.').optional(),
  outputAudio: perMillion('output tokens of audio. Default: the price of output.').optional(),
  outputImage: perMillion('output tokens of images. Default: the price of output.').optional(),
}

/** A day, which begins at midnight UTC, or a moment with its offset. */
export const dayOrMoment = z.union([z.iso.date(), momentText], {
  error: 'must be a day such as 2026-12-01 (UTC), or a moment such as 2026-12-01T09:00:00Z',
})

/** What a price is and where it was found; without the day it begins. */
const priceTerms = {
  ...tokenRates,
  webSearch: usd.describe("USD per call of the provider's own web search, as a decimal string.").optional(),
  search: usd.describe('USD per search through documents (reranking), as a decimal string.').optional(),
  image: usd
    .describe('USD per picture that is made, as a decimal string: of the dearest size that is used.')
    .optional(),
  audioMinute: usd.describe('USD per minute of sound that is listened to, as a decimal string.').optional(),
  characters: perMillion('characters that are spoken').optional(),
  tiers: z
    .array(
      z.strictObject({
        contextOver: z.int().min(1).describe('The tier holds when the input has more tokens than this.'),
        rates: z.strictObject(tokenRates).partial().describe('The rates that differ from the base row.'),
      }),
    )
    .max(8)
    .describe('Higher prices for long inputs. The tier with the highest `contextOver` that is passed wins.')
    .optional(),
  until: dayOrMoment
    .describe('In force before this moment only. Default: until the next of `later`, or for ever.')
    .optional(),
  source: z
    .string()
    .min(1)
    .max(512)
    .describe('Where the price was found: the address of a page, the number of a contract.')
    .optional(),
  checkedAt: dayOrMoment.describe('When the price was last compared with its source.').optional(),
}

/** A price that replaces the one before it at a moment. */
const laterPrice = z.strictObject({
  from: dayOrMoment.describe('In force from this moment on; the price before it ends here.'),
  ...priceTerms,
})

/** Far more than a model had prices in its life. */
const laterPriceLimit = 64

/**
 * One row of a `prices:` map: what a model costs, and from when on it costs something else. Rates are per million tokens;
 * `webSearch` is per call. A model that is not billed by tokens has the price of its own unit instead. A tier replaces the rates it names once the whole input is longer than `contextOver` tokens.
 */
export const priceRow = z
  .strictObject({
    from: dayOrMoment.describe('In force from this moment on. Default: always.').optional(),
    ...priceTerms,
    later: z
      .array(laterPrice)
      .max(laterPriceLimit)
      .describe('The prices that follow, the earliest first. Each is a whole price, with the day it begins.')
      .optional(),
  })
  .meta({
    title: 'Price of a model',
    description: 'What a model costs. An explicit "0" is a price; a missing row is not.',
  })

export type PriceRow = z.infer<typeof priceRow>
export type TokenRates = Pick<PriceRow, keyof typeof tokenRates>
/** One price of a row, without those that follow. */
export type DatedTerms = Omit<PriceRow, 'later'>
