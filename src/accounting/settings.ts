import { z } from 'zod'

const fileReference = z.string().regex(/^file:./, 'must name a file, such as file:./prices.yaml')

/** One for the currency of a contract, one for a data centre of one's own: more than these nobody can keep apart. */
const priceFileLimit = 16

/** The `prices:` key of the config. */
export const pricesSettings = z
  .union([fileReference, z.array(fileReference).min(1).max(priceFileLimit)], {
    error: 'must name a file, such as file:./prices.yaml, or be a list of such names',
  })
  .describe(
    'A prices file, as `file:PATH`, or a list of them, where a later one wins over an earlier one. They override the ' +
      'built-in list. The paths are relative to the config file.',
  )
  .optional()

export type PricesSettings = z.infer<typeof pricesSettings>

/** The paths in a `prices:` key, as they are written: the lowest layer first. */
export function pricesPaths(settings: PricesSettings): readonly string[] {
  const references = typeof settings === 'string' ? [settings] : (settings ?? [])
  return references.map((reference) => reference.slice('file:'.length))
}
