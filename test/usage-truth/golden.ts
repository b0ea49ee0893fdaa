import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { Recording } from '../corpus.ts'

const exchange = z.object({
  call: z.object({ host: z.string(), path: z.string(), body: z.string() }),
  answer: z.object({ status: z.int(), contentType: z.string(), body: z.string() }),
})

/** The recorded exchanges that come with this repository: what is examined where there are no others. */
export function goldenRecordings(): readonly Recording[] {
  const folder = resolve(import.meta.dirname, '../golden')
  return readdirSync(folder).map((file) => {
    const { call, answer } = exchange.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
    const body: unknown = JSON.parse(call.body)
    return {
      id: file,
      provider: 'golden',
      api: call.path.endsWith('/responses') ? 'responses' : 'chat',
      streaming: answer.contentType.startsWith('text/event-stream'),
      model: null,
      features: [],
      source: { fidelity: 'wire' },
      request: { method: 'POST', host: call.host, path: call.path, headers: {}, body },
      response: {
        status: answer.status,
        headers: { 'content-type': answer.contentType },
        encoding: 'utf8',
        body: answer.body,
      },
    }
  })
}
