import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { Changes } from '../changes.ts'
import { restartBody, workerList } from '../contract/worker.ts'
import { writeMaybeMoment, writeMoment } from '../moments.ts'
import type { AdminParts } from '../ports.ts'
import { AdminProblem } from '../problem.ts'
import { changeProblems, json, problems } from './answers.ts'
import { emptyBody } from './empty-body.ts'
import { noQuery } from './no-query.ts'

const listWorkers = createRoute({
  method: 'get',
  path: '/api/workers',
  operationId: 'listWorkers',
  summary: 'List the processes that serve clients. None where one process does everything.',
  tags: ['Workers'],
  request: { query: noQuery },
  responses: { 200: json(workerList, 'In the order of their start.'), ...problems },
})

const restartWorkers = createRoute({
  method: 'post',
  path: '/api/restart',
  operationId: 'restartWorkers',
  summary: 'Replace every worker by a new process without dropping a call. Answers at once; watch the list of workers.',
  tags: ['Workers'],
  request: { body: emptyBody },
  responses: { 202: json(restartBody, 'It has begun.'), ...changeProblems },
})

export function workerRoutes(parts: AdminParts, changes: Changes): OpenAPIHono {
  const app = new OpenAPIHono()

  app.openapi(listWorkers, (http) => {
    const items = parts.workers().map(({ pid, state, startedAtMs, silentSinceMs }) => ({
      pid,
      state,
      startedAt: writeMoment(startedAtMs),
      silentSince: writeMaybeMoment(silentSinceMs),
    }))
    return http.json({ items }, 200)
  })

  app.openapi(restartWorkers, async (http) => {
    const replacing = parts.workers().filter(({ state }) => state === 'serving').length
    if (replacing === 0)
      throw new AdminProblem(
        'conflict',
        'One process does everything here: restart that, or set server.workers to 2 or more to restart without a pause.',
      )
    await changes.note({ action: 'workers.restart', target: 'workers', detail: { replacing } })
    // It may take as long as the longest exchange; the log tells of each worker.
    parts.restart()
    return http.json({ replacing }, 202)
  })

  return app
}
