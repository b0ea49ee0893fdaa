import { GatewayError } from '../canonical/error.ts'
import type { AuthorizationMeans } from './provider.ts'

/** Something that is ours for a while, such as a token. */
export interface Expiring<T> {
  readonly value: T
  /** Wall time. `Infinity`: it stays. */
  readonly expiresAtMs: number
}

export const expiringLimits = {
  /** For a fetch, from its beginning to its end. */
  fetchMs: 10_000,
  /** It is renewed this long before it expires, or at half its life where that is shorter. */
  renewBeforeMs: 5 * 60_000,
  /** After a renewal failed, and while the old one still serves. */
  retryMs: 10_000,
} as const

/**
 * Keeps what expires: fetches it when it is first wanted, and anew before it expires, one fetch at a time however many want it.
 * While one is renewed the old one serves; calls wait only where there is none.
 * @param provider whose it is, for the log.
 * @param fetch gives up when the signal says so.
 * @returns a function that throws GatewayError `upstream_credential` when there is none to be had in time.
 */
export function openExpiring<T>(
  provider: string,
  fetch: (means: AuthorizationMeans, signal: AbortSignal) => Promise<Expiring<T>>,
): (means: AuthorizationMeans) => Promise<T> {
  let held: { readonly expiring: Expiring<T>; readonly renewAtMs: number } | undefined
  let fetching: Promise<Expiring<T>> | undefined
  let retryAtMs = -Infinity

  const fetched = (means: AuthorizationMeans): Promise<Expiring<T>> => {
    const { clock } = means
    fetching ??= inTime(means, fetch)
      .then((expiring) => {
        const nowMs = clock.nowMs()
        const lifeMs = expiring.expiresAtMs - nowMs
        if (!(lifeMs > 0)) throw noCredential('the one that was given has expired already')
        held = { expiring, renewAtMs: expiring.expiresAtMs - Math.min(expiringLimits.renewBeforeMs, lifeMs / 2) }
        return expiring
      })
      .catch((thrown: unknown) => {
        if (thrown instanceof GatewayError) means.onNoCredential?.(provider, thrown)
        throw thrown
      })
      .finally(() => (fetching = undefined))
    return fetching
  }

  return async (means) => {
    const { clock } = means
    const nowMs = clock.nowMs()
    if (!held || nowMs >= held.expiring.expiresAtMs) return (await fetched(means)).value
    if (nowMs >= held.renewAtMs && clock.monotonicMs() >= retryAtMs && !fetching) {
      // The old one serves on: whoever calls when it has expired is told what is wrong.
      fetched(means).catch(() => (retryAtMs = clock.monotonicMs() + expiringLimits.retryMs))
    }
    return held.expiring.value
  }
}

/**
 * What keeps us from having a credential, for whoever calls and for the record. Told without secrets, and without files and hosts
 * of ours.
 * @param code the giver's own word for it, from a published list.
 * @param cause what the log may know besides. No secret either.
 */
export function noCredential(what: string, code?: string, cause?: Error): GatewayError {
  return new GatewayError('upstream_credential', `the gateway has no credential for the provider: ${what}`, {
    providerCode: code,
    cause,
  })
}

async function inTime<T>(
  means: AuthorizationMeans,
  fetch: (means: AuthorizationMeans, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = means.clock.after(expiringLimits.fetchMs, () => {
    reject(noCredential(`none came within ${expiringLimits.fetchMs} ms`))
    ending.abort()
  })
  try {
    return await Promise.race([fetch(means, ending.signal), late])
  } catch (thrown) {
    // Whatever it says may hold a secret.
    throw thrown instanceof GatewayError ? thrown : noCredential('it could not be fetched')
  } finally {
    timer.cancel()
  }
}
