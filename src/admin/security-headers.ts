import type { MiddlewareHandler } from 'hono'

/** A page that may load nothing, be framed by nobody and send nothing anywhere. Pages that need more set their own. */
const nothingAllowed = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/**
 * Headers of every answer, refusals included. There are no cookies and no CORS headers, so a page of another origin can
 * neither act as an administrator nor read an answer.
 */
export function securityHeaders(): MiddlewareHandler {
  return async (http, next) => {
    await next()
    const { headers } = http.res
    if (!headers.has('content-security-policy')) headers.set('content-security-policy', nothingAllowed)
    headers.set('x-content-type-options', 'nosniff')
    headers.set('x-frame-options', 'DENY')
    headers.set('referrer-policy', 'no-referrer')
    headers.set('cross-origin-resource-policy', 'same-origin')
    headers.set('cache-control', 'no-store')
  }
}

/** For a page with one inline style, which is named by its hash. */
export function styledPagePolicy(styleHash: string): string {
  return nothingAllowed.replace("default-src 'none'", `default-src 'none'; style-src '${styleHash}'`)
}
