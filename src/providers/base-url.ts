import { baseUrlProblem } from '../config/base-url.ts'

export interface BaseUrl {
  /** Scheme, host and port. */
  readonly origin: string
  /** What stands before the path of every endpoint; empty, or begins with a slash and ends without one. */
  readonly path: string
}

/** @throws Error when the URL cannot be used; the config's schema has said so before. */
export function readBaseUrl(text: string): BaseUrl {
  const problem = baseUrlProblem(text)
  if (problem !== undefined) throw new Error(`the base URL ${problem}`)
  const url = new URL(text)
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') }
}
