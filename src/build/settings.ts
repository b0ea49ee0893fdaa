import { z } from 'zod'
import { pricesSettings } from '../accounting/settings.ts'
import { alertsSettings } from '../alerts/settings.ts'
import { adminSettings } from '../admin/settings.ts'
import { guardrailBudgetSettings, guardrailsSettings } from '../policies/guardrails/settings.ts'
import { organisationsSettings } from '../policies/identity/settings.ts'
import { providersSettings } from '../providers/settings.ts'
import { deadlineSettings, modelSettings } from '../routing/settings.ts'
import { serverSettings } from '../server/settings.ts'

const storeSettings = z.strictObject({
  kind: z.literal('embedded').describe('SQLite and memory, in this process.').default('embedded'),
  dir: z
    .string()
    .min(1)
    .describe('Where the data is kept; relative to the working directory. `WEIR_DATA_DIR` wins over it.')
    .default('./weir-data'),
  durability: z
    .enum(['process', 'power'])
    .describe(
      'What a record survives that is written. `process`: that Weir is killed; a power cut may take the last 10 ms. `power`: that too: each call waits for the disk.',
    )
    .default('process'),
})

/** Routing knows no policy that looks into texts: what guards an entry stands beside its own settings here. */
const modelsSettings = z.record(
  z.string().min(1).max(256),
  modelSettings.extend({ guardrails: guardrailsSettings.optional() }),
)

/** The whole config file. Each room owns its part; this is only where they meet. */
export const configSettings = z
  .strictObject({
    server: serverSettings.prefault({}),
    admin: adminSettings.prefault({}),
    store: storeSettings.prefault({}),
    deadlines: deadlineSettings.describe('For all models; a model may set its own.').default({}),
    providers: providersSettings.default({}),
    models: modelsSettings.default({}),
    organisations: organisationsSettings.default({}),
    prices: pricesSettings,
    alerts: alertsSettings.default({}),
    guardrails: guardrailsSettings.default({}),
    guardrailBudget: guardrailBudgetSettings.prefault({}),
  })
  .describe('Weir configuration')

export type Config = z.infer<typeof configSettings>
