import { z } from 'zod'
import { ownerName } from '../config/name.ts'
import { secretRef } from '../config/secrets.ts'

const mostReceivers = 8

const receiver = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .refine(hasNoLogin, 'must not hold a user name or a password; `secret` is what proves an alert')
    .describe('Where alerts are posted. Redirects are not followed.'),
  secret: secretRef.describe('A reference to the secret that signs them: `whsec_` and 24 to 64 bytes in base64.'),
  timeoutMs: z.int().min(1_000).max(60_000).describe('How long one attempt may take. Default 15000.').default(15_000),
})

/** The `alerts:` map of the config: who is told of budgets. */
export const alertsSettings = z
  .record(ownerName, receiver)
  .refine((receivers) => Object.keys(receivers).length <= mostReceivers, `at most ${mostReceivers} are told`)
  .describe('Webhooks that are told when a budget reaches one of its `alertsAt`.')

export type AlertsSettings = z.infer<typeof alertsSettings>

/** Secrets are given by reference, and what posts alerts refuses an address with one in it. */
function hasNoLogin(text: string): boolean {
  const url = URL.parse(text)
  return !url || (url.username === '' && url.password === '')
}
