import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { GatewayError } from '../../canonical/error.ts'
import type { Changes } from '../changes.ts'
import { configBody, reloadBody } from '../contract/config.ts'
import { writeMoment } from '../moments.ts'
import type { AdminParts } from '../ports.ts'
import { AdminProblem } from '../problem.ts'
import { changeProblems, json, problems } from './answers.ts'
import { emptyBody } from './empty-body.ts'
import { noQuery } from './no-query.ts'

const readConfig = createRoute({
  method: 'get',
  path: '/api/config',
  operationId: 'readConfig',
  summary: 'Which version of the config file is in force. Not its text, which is nobody else’s to read.',
  tags: ['Config'],
  request: { query: noQuery },
  responses: { 200: json(configBody, 'The config in force.'), ...problems },
})

const reloadConfig = createRoute({
  method: 'post',
  path: '/api/config/reload',
  operationId: 'reloadConfig',
  summary: 'Read the config file anew. A broken file is refused with 409 and the last good one stays in force.',
  tags: ['Config'],
  request: { body: emptyBody },
  responses: { 200: json(reloadBody, 'The version in force now.'), ...changeProblems },
})

export function configRoutes(parts: AdminParts, changes: Changes): OpenAPIHono {
  const app = new OpenAPIHono()

  app.openapi(readConfig, (http) => {
    const { version, fileName, loadedAtMs, warnings, lastReloadProblem } = parts.config()
    return http.json(
      {
        version,
        file: fileName,
        loadedAt: writeMoment(loadedAtMs),
        warnings: [...warnings],
        lastReloadProblem: lastReloadProblem ?? null,
      },
      200,
    )
  })

  app.openapi(reloadConfig, async (http) => {
    const outcome = await parts.reload()
    const detail = outcome.isTaken
      ? { isTaken: true, version: outcome.version }
      : { isTaken: false, problem: outcome.problem }
    const told = outcome.isTaken
      ? `Version ${outcome.version} is in force`
      : `The config file was not taken, and version ${parts.config().version} stays in force:\n${outcome.problem}`
    try {
      await changes.note({ action: 'config.reload', target: 'config', detail })
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown
      // It is done: whoever reads only that the store failed would think that the old config is still in force.
      throw new GatewayError(thrown.kind, `${told}\nThe audit log has no entry of this: ${thrown.message}`, {
        cause: thrown,
      })
    }
    if (!outcome.isTaken) throw new AdminProblem('config_refused', told)
    return http.json({ version: outcome.version, warnings: [...outcome.warnings] }, 200)
  })

  return app
}
