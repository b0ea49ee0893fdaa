import { z } from 'zod'

/** What of a service account's key signs for it. */
export interface ServiceAccount {
  readonly email: string
  readonly key: string
}

export type ReadServiceAccount =
  | { readonly ok: true; readonly value: ServiceAccount }
  /** What is wrong, without a word of what it says. */
  | { readonly ok: false; readonly reason: string }

const keyFile = z.looseObject({
  type: z.literal('service_account'),
  client_email: z.string().min(3),
  private_key: z.string().startsWith('-----BEGIN'),
})

/** Reads the JSON key of a service account, as Google gives it out. */
export function readServiceAccount(json: string): ReadServiceAccount {
  const parsed = keyFile.safeParse(valueOf(json))
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path }) => path.join('.')).filter((key) => key !== '')
    const what = wrong.length === 0 ? 'is no JSON object' : `has no valid ${[...new Set(wrong)].join(', ')}`
    return { ok: false, reason: `the JSON key of the service account ${what}` }
  }
  const { client_email: email, private_key: key } = parsed.data
  return { ok: true, value: { email, key } }
}

function valueOf(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}
