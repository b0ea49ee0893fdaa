import { z } from '@hono/zod-openapi'
import { moment } from './field.ts'

export const workerBody = z
  .object({
    pid: z.int(),
    state: z.enum(['starting', 'spare', 'serving', 'leaving', 'left', 'dead']).openapi({
      description:
        '`spare`: it waits to take the place of one that dies. `leaving`: another one serves in its place, and its last exchanges end.',
    }),
    startedAt: moment,
    silentSince: moment.nullable().openapi({
      description:
        'It owes the primary an answer and has said nothing since then, for a second at least: it may serve by what held before. Killed and replaced after 30 seconds. `null`: it answers.',
    }),
  })
  .openapi('Worker')

/** As long as `server.workers` and `server.spareWorkers` make it, and twice the first during a restart. */
export const workerList = z.object({ items: z.array(workerBody) }).openapi('WorkerList')
export type WorkerList = z.infer<typeof workerList>

export const restartBody = z
  .object({ replacing: z.int().openapi({ description: 'How many workers are replaced, one after the other.' }) })
  .openapi('Restart')
