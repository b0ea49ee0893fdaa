export interface BaseUrl {
  /** Scheme, host and port. */
  readonly origin: string
  /** What stands before the path of every endpoint; empty, or begins with a slash and ends without one. */
  readonly path: string
}

/** Says what is wrong with a base URL, or `undefined` when it can be used. */
export function baseUrlProblem(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return 'must be an http or https URL'
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or a password; secrets are given as `credentials`'
  if (url.search !== '' || url.hash !== '') return 'must end with the path, without "?" or "#"'
  return undefined
}

/** @throws Error when the URL cannot be used; the config's schema has said so before. */
export function readBaseUrl(text: string): BaseUrl {
  const problem = baseUrlProblem(text)
  if (problem !== undefined) throw new Error(`the base URL ${problem}`)
  const url = new URL(text)
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') }
}
