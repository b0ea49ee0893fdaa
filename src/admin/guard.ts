import type { MiddlewareHandler } from 'hono'
import type { AdminParts } from './ports.ts'
import { AdminProblem } from './problem.ts'

/**
 * The only paths that answer without the admin key. Everything else is refused before anything is looked up, paths that
 * do not exist included (failures.md A3, A6).
 */
export const publicPaths: ReadonlySet<string> = new Set(['/', '/healthz', '/metrics'])

export function guard(parts: Pick<AdminParts, 'verifyAdminKey'>): MiddlewareHandler {
  return async (http, next) => {
    const { method, path } = http.req
    const isPublic = publicPaths.has(path) && (method === 'GET' || method === 'HEAD')
    if (!isPublic) {
      const given = http.req.header('authorization')
      if (given === undefined)
        throw new AdminProblem('unauthenticated', 'No admin key was given: send it as `Authorization: Bearer`.')
      const candidate = /^bearer +(\S+)$/i.exec(given)?.[1]
      if (candidate === undefined || !parts.verifyAdminKey(candidate))
        throw new AdminProblem('unauthenticated', 'The admin key is not right.')
    }
    await next()
  }
}
