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

/** The version and the betas say what the client's body means, so they must travel with it. */
export function anthropicHeaders(clientHeader: (name: string) => string | undefined): readonly string[] {
  const betas = clientHeader('anthropic-beta')
  const version = clientHeader('anthropic-version') ?? defaultAnthropicVersion
  return ['anthropic-version', version, ...(betas === undefined ? [] : ['anthropic-beta', betas])]
}

/** Anthropic docs, API versioning, read 2026-11: the version every SDK sends. */
const defaultAnthropicVersion = '2023-06-01'
