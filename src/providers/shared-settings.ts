import { z } from 'zod'
import { priceRow } from '../config/price-row.ts'
import { secretRef } from '../config/secrets.ts'
import { tagList } from '../config/tags.ts'
import { dialectNames } from '../dialects/dialect.ts'
import { onAbortPolicies } from './provider.ts'
import { nativeSettings, reserveSettings } from './reserve-settings.ts'

export { baseUrl } from '../config/base-url.ts'

const credential = z.strictObject({
  apiKey: secretRef,
  weight: z
    .number()
    .positive()
    .max(1_000_000)
    .describe('Its share of the calls among the credentials of this provider. Default 1.')
    .optional(),
})

export const credentials = z
  .union([credential, z.array(credential).min(1).max(64)])
  .transform((given) => (Array.isArray(given) ? given : [given]))
  .describe('One key, or several that share the calls by weight. When one is refused, the next is used.')

/** Keys that every kind of provider has. */
export const everyKind = {
  when: secretRef
    .describe('The provider is on when this secret is there, and off, said at start, when it is not.')
    .optional(),
  tags: tagList.describe('What is promised of this provider, such as `region:eu`; `require` asks for it.').optional(),
  onAbort: z
    .enum(onAbortPolicies)
    .describe(
      'A call whose client has gone. `drain`: its answer is listened to for up to 5 seconds or 512 tokens, to learn what it costs; where that does not come, its budgets count the most it can cost. `cancel-and-estimate`: it is broken off, and a stream is counted as far as it was seen. Default: drain where a budget in dollars or tokens is above the call, else cancel-and-estimate.',
    )
    .optional(),
  dialects: z
    .array(z.enum(dialectNames))
    .min(1)
    .describe(
      'The only dialects that are spoken with it, of those that its kind has: calls of others are translated. Default: all, each client in its own where the kind has that.',
    )
    .optional(),
  reserve: reserveSettings.optional(),
  native: nativeSettings.optional(),
  prices: z
    .record(z.string().min(1).max(256), priceRow)
    .describe("Prices by the provider's model name, or a pattern with one `*`. They win over the built-in list.")
    .optional(),
  priceProvider: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be a provider's id in the price list, such as openai")
    .describe('Whose list prices apply, by the id in the price list. Default: those of the kind.')
    .optional(),
}
