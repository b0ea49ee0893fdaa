import { z } from 'zod'
import { budgetsSettings, timezoneText } from '../../config/budget-settings.ts'
import { limitsSettings } from '../../config/limit-settings.ts'
import { momentText } from '../../config/moment.ts'
import { ownerName as name } from '../../config/name.ts'
import { tagList } from '../../config/tags.ts'
import { guardrailsSettings } from '../guardrails/settings.ts'

const models = z
  .array(z.string().min(1).max(256))
  .describe(
    'Allowed models: names or patterns with one `*`. Absent: inherits. Every level above a key must allow a model.',
  )
  .optional()

const limits = limitsSettings.optional()
const budgets = budgetsSettings.optional()
const guardrails = guardrailsSettings.optional()

const require = tagList
  .describe('Tags that a target must have to serve these calls. All levels above a key are united.')
  .optional()

/** A key of the config is known by its hash only; `weir keys hash` makes one. */
const keySettings = z.strictObject({
  hash: z
    .string()
    .regex(/^hmac:[0-9a-f]{64}$/, 'write `hmac:` and 64 hex digits, as `weir keys hash` prints them')
    .describe('HMAC-SHA-256 of the key under the pepper.'),
  project: name.optional(),
  user: name.optional(),
  agent: name.optional(),
  models,
  limits,
  budgets,
  guardrails,
  require,
  expires: momentText.describe('From this moment on the key is refused.').optional(),
})

const keys = z.record(name, keySettings).optional()
const project = z.strictObject({ models, limits, budgets, guardrails, require })
const team = z.strictObject({
  models,
  limits,
  budgets,
  guardrails,
  require,
  projects: z.record(name, project).optional(),
  keys,
})
const person = z.strictObject({ models, limits, budgets, guardrails, require })

/** The `organisations:` map of the config. */
export const organisationsSettings = z.record(
  name,
  z.strictObject({
    models,
    limits,
    budgets,
    guardrails,
    timezone: timezoneText
      .describe('Where the days of its budgets begin, and of those of all levels below. Default UTC.')
      .optional(),
    require,
    teams: z.record(name, team).optional(),
    users: z.record(name, person).optional(),
    agents: z.record(name, person).optional(),
    keys,
  }),
)

export type OrganisationsSettings = z.infer<typeof organisationsSettings>
export type KeySettings = z.infer<typeof keySettings>
