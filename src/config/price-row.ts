import { z } from 'zod'

/** A price in the config: a plain decimal as a string, so that no double ever touches money. Never negative. */
const usd = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,12})?$/, 'must be a plain decimal number of dollars in quotes, such as "1.25"')

const perMillion = (what: string) => usd.describe(`USD per million ${what}, as a decimal string.`)

const tokenRates = {
  input: perMillion('input tokens that no cache served'),
  output: perMillion('output tokens'),
  cacheRead: perMillion('input tokens read from a prompt cache. Default: the price of input.').optional(),
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

/**
 * One row of a `prices:` map: what a model costs. Rates are per million tokens; `webSearch` is per call. A tier replaces
 * the rates it names once the whole input is longer than `contextOver` tokens.
 */
export const priceRow = z
  .strictObject({
    ...tokenRates,
    webSearch: usd.describe("USD per call of the provider's own web search, as a decimal string.").optional(),
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
  })
  .meta({
    title: 'Price of a model',
    description: 'What a model costs. An explicit "0" is a price; a missing row is not.',
  })

export type PriceRow = z.infer<typeof priceRow>
export type TokenRates = Omit<PriceRow, 'webSearch' | 'tiers'>
