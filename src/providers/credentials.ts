import type { Credential, Provider } from './provider.ts'

/**
 * Draws a credential by weight among those that are usable now.
 * @param random gives a number from 0 (included) to 1 (excluded), like `Math.random`.
 * @param isUsable says no for a credential that is disabled or cooling down.
 * @returns `undefined` when none is usable.
 */
export function chooseCredential(
  provider: Pick<Provider, 'credentials'>,
  random: () => number,
  isUsable: (credential: Credential) => boolean,
): Credential | undefined {
  const usable = provider.credentials.filter(isUsable)
  // The everyday case needs no lot, so that a seeded test's draws do not shift with the number of keys.
  if (usable.length <= 1) return usable[0]
  let mark = random() * usable.reduce((sum, credential) => sum + credential.weight, 0)
  for (const credential of usable) {
    mark -= credential.weight
    if (mark < 0) return credential
  }
  // Rounding may leave the mark at zero after the last one.
  return usable.at(-1)
}
