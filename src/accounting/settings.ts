import { z } from 'zod'

/** The `prices:` key of the config. */
export const pricesSettings = z
  .string()
  .regex(/^file:./, 'must name a file, such as file:./prices.yaml')
  .describe('A prices file, as `file:PATH`; it overrides the built-in list. The path is relative to the config file.')
  .optional()

export type PricesSettings = z.infer<typeof pricesSettings>

/** The path in a `prices:` reference, as it is written. */
export function pricesPath(reference: string): string {
  return reference.slice('file:'.length)
}
