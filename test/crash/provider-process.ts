import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SimulatedEntry } from '../../src/providers/simulated/log.ts'
import { runNode, within } from './node-process.ts'

/** The simulated provider as its own process: its log is the truth, whatever is done to the gateway. */
export interface ProviderProcess {
  readonly origin: string
  readonly pid: number
  /** Ends it, and gives everything that it ever served. */
  close(): Promise<readonly SimulatedEntry[]>
}

/** @param sockets of the simulated provider: more than one where the provider is not what is measured. */
export async function startProviderProcess(dir: string, seed: number, sockets = 1): Promise<ProviderProcess> {
  const logFile = join(dir, 'provider.jsonl')
  const main = resolve(import.meta.dirname, '../../src/providers/simulated/main.ts')
  const args = ['--log', logFile, '--speed', 'instant', '--seed', String(seed), '--sockets', String(sockets)]
  const child = runNode([main, ...args], {
    listenTo: 'stdout',
    logFile: join(dir, 'provider.log'),
  })
  const [, origin = ''] = await child.hears(/"origin":"([^"]+)"/)
  return {
    origin,
    pid: child.pid,
    close: async () => {
      child.signal('SIGTERM')
      const { code } = await within('the provider to end', () => child.ended)
      if (code !== 0) throw new Error(`the provider ended with code ${code}: its log cannot be trusted`)
      return readLog(logFile)
    },
  }
}

/** What a simulated provider appended to its `logFile`: all of it, where its memory keeps the newest. */
export function readLog(file: string): readonly SimulatedEntry[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): SimulatedEntry => JSON.parse(line))
}
