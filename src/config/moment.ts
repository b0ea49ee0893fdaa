import { z } from 'zod'

/** A moment with its offset, RFC 3339. It is told in UTC, where a year of more than four digits would be no RFC 3339 any more. */
export const momentText = z.iso
  .datetime({ offset: true })
  .refine(hasPlainYear, 'must be within the years 0000 to 9999 of UTC')

function hasPlainYear(text: string): boolean {
  const atMs = Date.parse(text)
  // That it is no moment at all is told already.
  return Number.isNaN(atMs) || /^\d{4}-/.test(new Date(atMs).toISOString())
}
