import { request } from 'node:http'
import { join } from 'node:path'
import { z } from 'zod'
import { runProgram } from '../test/crash/node-process.ts'
import { coresOf, type Cores, type Tools } from './tools.ts'

/** The credential that a gateway must send to the fake provider, and the model it must ask for. */
export const upstream = { secret: 'upstream-secret', modelName: 'gpt-4o-mini' } as const

/** Should everything else fail to end it, it ends by itself. */
const longestLifeSeconds = 120

const seenSchema = z.object({ requests: z.number(), streams: z.number(), bad: z.number() })

export interface FakeProvider {
  /** Open on 127.0.0.1, 127.0.0.2 and 127.0.0.3. */
  readonly port: number
  /** What it has been asked. `bad`: without our credential, or for another model. */
  seen(): Promise<z.infer<typeof seenSchema>>
}

export async function startProvider(tools: Tools, dir: string, cores: Cores = coresOf.others): Promise<FakeProvider> {
  const child = runProgram(tools.pin, [cores, tools.provider, String(longestLifeSeconds)], {
    listenTo: 'stdout',
    logFile: join(dir, 'provider.log'),
  })
  const [, port] = await child.hears(/listening (\d+)\n/)
  return {
    port: Number(port),
    seen: async () => seenSchema.parse(JSON.parse(await read(Number(port), '/'))),
  }
}

/** Reads a page of something that listens on loopback. */
export function read(port: number, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const call = request({ host: '127.0.0.1', port, path, agent: false, timeout: 10_000 }, (answer) => {
    let text = ''
    answer.setEncoding('utf8').on('data', (part: string) => void (text += part))
    answer.on('end', () => resolve(text))
    answer.on('error', reject)
  })
  call.on('timeout', () => call.destroy(new Error(`no answer from port ${port}${path}`)))
  call.on('error', reject)
  call.end()
  return promise
}
