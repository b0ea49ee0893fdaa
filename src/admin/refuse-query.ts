import type { MiddlewareHandler } from 'hono'
import { printable } from '../config/secret-like.ts'
import { AdminProblem } from './problem.ts'

/** What changes something is told in its body alone: a parameter in the URL would be passed over in silence, `isDryRun` too. */
export function refuseQuery(): MiddlewareHandler {
  return async (http, next) => {
    const { method, url } = http.req
    if (method === 'GET' || method === 'HEAD') return next()
    const [name] = new URL(url).searchParams.keys()
    if (name !== undefined)
      throw new AdminProblem(
        'invalid_request',
        `The query has the key "${printable(name)}", but ${method} takes no query: put it in the body.`,
      )
    return next()
  }
}
