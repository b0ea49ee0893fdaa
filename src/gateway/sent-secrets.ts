/** What is shorter only fills the place of a secret, and may stand in any header. */
const shortestTold = 8

/**
 * The secrets that were sent with a call: a provider that quotes one must not tell it to our clients. Keys of a known form are
 * masked by the dialects (failures.md L1); these are known by heart.
 */
export class SentSecrets {
  #secrets: readonly string[]

  /** @param first that of the credential; empty for a provider that wants none. */
  constructor(first: string) {
    this.#secrets = [first]
  }

  /** More of them: what a credential was made into for one call. */
  add(secrets: readonly string[]): void {
    this.#secrets = [...this.#secrets, ...secrets]
  }

  masked(text: string): string {
    return this.#secrets.reduce((left, secret) => (secret === '' ? left : left.replaceAll(secret, '[masked]')), text)
  }

  areQuotedIn(text: string): boolean {
    const isQuoted = (secret: string) => text.includes(secret) || text.includes(encodeURIComponent(secret))
    return this.#secrets.some((secret) => secret.length >= shortestTold && isQuoted(secret))
  }
}
