import { GatewayError } from '../../canonical/error.ts'
import { parseKey } from '../../canonical/key-form.ts'
import type { Principal } from '../../canonical/principal.ts'
import { readMetadata, readRunId } from './metadata.ts'
import type { IdentityTree } from './tree.ts'

/** What identity may see of a client's headers. */
export interface IdentityHeaders {
  /** By lower-case name; `undefined` when absent. */
  one(name: string): string | undefined
  /** How often the header was sent. */
  times(name: string): number
}

/** Where each SDK puts a key: `openai` and newer `@anthropic-ai/sdk`, older Anthropic ones, `@google/genai`. */
const keyHeaders = ['authorization', 'x-api-key', 'x-goog-api-key'] as const
const sentOnce = [...keyHeaders, 'x-weir-metadata', 'x-weir-run-id'] as const

/**
 * Says who is calling, from headers alone, before any body is read.
 * @throws GatewayError `unauthenticated` for a definite no, `invalid_request` for ambiguous headers (failures.md A10).
 */
export function identify(
  headers: IdentityHeaders,
  tree: IdentityTree,
  hashOf: (key: string) => string,
  nowMs: number,
): Principal {
  for (const name of sentOnce)
    if (headers.times(name) > 1) throw new GatewayError('invalid_request', `the header ${name} was sent more than once`)
  const { entry, allowedModels, limits, budgets, requiredTags } = knownKey(headers, tree, hashOf)
  if (entry.revokedAtMs !== undefined) throw new GatewayError('unauthenticated', `key ${entry.name} was revoked`)
  if (entry.expiresAtMs !== undefined && nowMs >= entry.expiresAtMs)
    throw new GatewayError(
      'unauthenticated',
      `key ${entry.name} expired on ${new Date(entry.expiresAtMs).toISOString()}`,
    )
  return {
    organisation: entry.organisation,
    team: entry.team,
    project: entry.project,
    user: entry.user,
    agent: entry.agent,
    keyId: entry.id,
    keyName: entry.name,
    allowedModels,
    limits,
    budgets,
    requiredTags,
    metadata: readMetadata(headers.one('x-weir-metadata')),
    runId: readRunId(headers.one('x-weir-run-id')),
  }
}

function knownKey(headers: IdentityHeaders, tree: IdentityTree, hashOf: (key: string) => string) {
  const keys = new Set<string>()
  let wasGiven = false
  for (const name of keyHeaders) {
    const value = headers.one(name)
    if (value === undefined) continue
    wasGiven = true
    const key = name === 'authorization' ? bearer(value) : value
    // Format and checksum first: a look-up, however safe, is not made for something that cannot be a key.
    if (key !== undefined && parseKey(key) !== undefined) keys.add(key)
  }
  if (keys.size > 1) throw new GatewayError('invalid_request', 'two different keys were sent in one request')
  const [key] = keys
  if (key === undefined)
    throw new GatewayError(
      'unauthenticated',
      wasGiven
        ? 'the API key is not a Weir key: it should begin with weir_ and be complete'
        : 'no API key was given: send it as `Authorization: Bearer`, `x-api-key` or `x-goog-api-key`',
    )
  const known = tree.keyByHash(hashOf(key))
  if (!known) throw new GatewayError('unauthenticated', 'the API key is not known here')
  return known
}

function bearer(value: string): string | undefined {
  return /^bearer +(\S+)$/i.exec(value)?.[1]
}
