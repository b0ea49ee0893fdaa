/** How Weir names itself to providers. `headers.test.ts` holds it to the version of the package. */
export const userAgent = 'weir/0.1.0'

/**
 * What every attempt's headers begin with. The body is JSON, whatever the client called it, and the answer must come
 * unencoded (failures.md N2).
 */
export const plainHeaders: readonly string[] = [
  'content-type',
  'application/json',
  'accept',
  'application/json, text/event-stream',
  'accept-encoding',
  'identity',
  'user-agent',
  userAgent,
]

/** `Authorization: Bearer`, or nothing where there is no secret to send. */
export function bearer(secret: string): readonly string[] {
  return secret === '' ? [] : ['authorization', `Bearer ${secret}`]
}
