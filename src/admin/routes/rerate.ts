import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { writeUsd } from '../../canonical/money.ts'
import type { Changes } from '../changes.ts'
import { rerateOrder, reratedBody, type ReratedBody } from '../contract/rerate.ts'
import { writeMaybeMoment, writeMoment } from '../moments.ts'
import type { AdminParts, ReratedView } from '../ports.ts'
import { AdminProblem } from '../problem.ts'
import { readRecordPlace, writeRecordPlace } from '../record-place.ts'
import { changeProblems, json, jsonBody } from './answers.ts'

const rerateRecords = createRoute({
  method: 'post',
  path: '/api/prices/rerate',
  operationId: 'rerateRecords',
  summary: 'Price the records of a time anew. What differs becomes adjusting entries; no record is edited.',
  description:
    'Goes through a few thousand records and says with `nextAfter` where to go on. Repeating it adjusts nothing twice.',
  tags: ['Usage'],
  request: { body: jsonBody(rerateOrder) },
  responses: { 200: json(reratedBody, 'What was adjusted, or would be.'), ...changeProblems },
})

export function rerateRoutes(parts: AdminParts, changes: Changes): OpenAPIHono {
  return new OpenAPIHono().openapi(rerateRecords, async (http) => {
    const { from, until, models = [], isDryRun = false, prices, after } = http.req.valid('json')
    if (from >= until) throw new AdminProblem('invalid_request', 'from: must be before `until`')
    const order = {
      fromMs: from,
      untilMs: until,
      models,
      file: prices,
      after: after === undefined ? undefined : readRecordPlace(after),
    }
    // Alone also to look: two orders at once would both see the cost of before, and adjust it twice.
    const told = await changes.alone(async () => {
      const view = await parts.rerate(order)
      if (!isDryRun && view.entries.length > 0)
        await changes.enter(view.entries, {
          action: 'prices.rerate',
          target: `records from ${writeMoment(from)} until ${writeMoment(until)}`,
          detail: {
            models,
            prices: prices?.name ?? null,
            examined: view.examined,
            adjusted: view.adjusted,
            differenceUsd: writeUsd(differenceOf(view)),
            goesOnAt: writeMaybeMoment(view.next?.startedAtMs),
          },
        })
      return view
    })
    return http.json(bodyOf(told, isDryRun), 200)
  })
}

function bodyOf(view: ReratedView, isDryRun: boolean): ReratedBody {
  const { examined, adjusted, unpriced, toldByProvider, models, next } = view
  return {
    isDryRun,
    examined,
    adjusted,
    unpriced,
    toldByProvider,
    differenceUsd: writeUsd(differenceOf(view)),
    models: models.map(({ provider, model, records, beforeNanos, afterNanos }) => ({
      provider,
      model,
      records,
      beforeUsd: writeUsd(beforeNanos),
      afterUsd: writeUsd(afterNanos),
    })),
    nextAfter: next === undefined ? null : writeRecordPlace(next),
  }
}

function differenceOf({ models }: ReratedView): bigint {
  return models.reduce((sum, { beforeNanos, afterNanos }) => sum + afterNanos - beforeNanos, 0n)
}
