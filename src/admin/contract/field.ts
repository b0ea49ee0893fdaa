import { z } from '@hono/zod-openapi'
import { budgetsSettings, timezoneText } from '../../config/budget-settings.ts'
import { limitsSettings } from '../../config/limit-settings.ts'
import { momentText } from '../../config/moment.ts'
import { tagList } from '../../config/tags.ts'
import { ownerName } from '../../config/name.ts'

/** Fields that several resources share. */

// `describe` makes a schema anew: one that was made before the extension of zod was loaded has no `openapi`.
export const moment = momentText.describe('A moment, RFC 3339.').openapi({ example: '2026-11-23T09:00:00.000Z' })

export const usd = z
  .string()
  .regex(/^-?\d+\.\d{9}$/)
  .openapi({ description: 'US dollars as a decimal string with nine places.', example: '12.345678900' })

/** A key that was pasted in the wrong place would be stored, audited and shown (failures.md L1). */
export const name = ownerName.refine((text) => !/^weir_\w{10}_/.test(text), 'this looks like a key, not like a name')

/** More patterns than this on one level are a list of models, not a policy. */
const patternLimit = 1_000

export const modelPatterns = z
  .array(
    z
      .string()
      .min(1)
      .max(256)
      // Not as `regex`: its flag cannot be said in an OpenAPI document.
      .refine((pattern) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(pattern), 'a model name holds no control characters')
      .refine((pattern) => pattern.split('*').length <= 2, 'a pattern has at most one *'),
  )
  .max(patternLimit)
  .openapi({
    description: 'Allowed models: names or patterns with one `*`. An empty list allows nothing.',
    example: ['smart', 'openai/*'],
  })

export const limits = limitsSettings
  .describe('Limits by name, as in the config file. A changed amount keeps the counts of a name.')
  .openapi({ example: { burst: { requests: 600, per: 'minute' }, parallel: { concurrent: 200 } } })

export const budgets = budgetsSettings
  .describe('Budgets by name, as in the config file. A changed amount keeps the books of a name.')
  .openapi({ example: { monthly: { usd: '500', per: 'month', alertsAt: [80, 100] } } })

export const timezone = timezoneText
  .describe('Where the days of its budgets begin, and of those below it. IANA name.')
  .openapi({ example: 'Europe/Berlin' })

export const requiredTags = tagList.describe('Tags that a target must have.').openapi({ example: ['region:eu'] })

export const managedBy = z.enum(['config', 'api']).openapi({
  description: 'What the config file names is read-only here: `config`. What this API made: `api`.',
})

/** A place among the records: start, attempt and request of the last one of a page. */
export const recordPlace = z
  .string()
  .max(256)
  .regex(/^\d{1,15}\/\d{1,6}\/[A-Za-z0-9_-]+$/, 'must be the `nextAfter` of the answer before')

/** A number in a query string. */
export function countInQuery(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(least).max(most))
}
