import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeKey, openKeyHasher } from '../../src/policies/identity/key.ts'
import { runProgram, within } from '../../test/crash/node-process.ts'
import { pidsBelow } from '../processes.ts'
import { read, upstream } from '../provider.ts'
import type { Stack } from './stack.ts'
import { benchModel, weirConfig, type Part } from './weir-config.ts'

export interface WeirSettings {
  readonly name: string
  /** The folder of the sources, with their `node_modules`. */
  readonly root: string
  readonly parts: ReadonlySet<Part>
  readonly workers: number
  readonly hasStallProbe?: boolean
  /** Where its CPU profiles go, one for each thread; without it none are made. */
  readonly profileDir?: string | undefined
}

/** Weir as an operator would run it, with everything on, its access log in a file. Its books are checked at the end. */
export function weir({ name, root, parts, workers, hasStallProbe = false, profileDir }: WeirSettings): Stack {
  return {
    name,
    start: async ({ tools, dir, providerPort, cores }) => {
      const dataDir = join(dir, 'data')
      const configDir = join(dir, 'config')
      const configFile = join(configDir, 'weir.yaml')
      const accessLog = join(dir, 'access.log')
      const stallFile = join(dir, 'stall')
      const pepper = randomBytes(32)
      const { key } = makeKey(randomBytes)
      const keyHash = `hmac:${openKeyHasher(pepper)(key)}`
      mkdirSync(configDir)
      writeFileSync(configFile, weirConfig({ dataDir, providerPort, keyHash, parts, workers }))
      const probe = hasStallProbe ? ['--import', resolve(import.meta.dirname, '../stall-probe.ts')] : []
      const profile = profileDir === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileDir]
      const child = runProgram(
        tools.pin,
        [cores, process.execPath, ...probe, ...profile, join(root, 'src/main.ts'), 'serve', '--config', configFile],
        {
          listenTo: 'stderr',
          logFile: accessLog,
          env: {
            UPSTREAM_SECRET: upstream.secret,
            WEIR_PEPPER: pepper.toString('hex'),
            WEIR_ADMIN_KEY: randomBytes(24).toString('hex'),
            WEIR_BENCH_STALL_FILE: stallFile,
          },
        },
      )
      const banner = await child.hears(/clients +http:\/\/127\.0\.0\.1:(\d+)[\s\S]*admin +http:\/\/127\.0\.0\.1:(\d+)/)
      const [, port, adminPort] = banner.map(Number)
      return {
        port: port ?? 0,
        pids: pidsBelow(child.pid),
        headers: [`authorization: Bearer ${key}`],
        modelName: benchModel,
        measuring: () => {
          if (hasStallProbe) child.signal('SIGUSR2')
        },
        end: async (calls) => {
          const counted = countedAttempts(await read(adminPort ?? 0, '/metrics'))
          child.signal('SIGTERM')
          await within('Weir to drain', () => child.ended)
          const found = { records: recordsIn(dataDir), 'access lines': linesOf(accessLog), 'counted attempts': counted }
          // A call that broke off at the end of the load may be on no line of the metrics yet; whatever reached the provider
          // must be in the books.
          const problems = Object.entries(found)
            .filter(([what, amount]) => amount < calls - (what === 'counted attempts' ? callsUnderWay : 0))
            .map(([what, amount]) => `the provider was asked ${calls} times, and there are ${amount} ${what}`)
          return { problems, ...(hasStallProbe && existsSync(stallFile) ? { stallP99Ms: stallOf(stallFile) } : {}) }
        },
      }
    },
  }
}

/** The most connections that any measurement uses: so many calls may be under way when the load ends. */
const callsUnderWay = 2_000

function countedAttempts(metrics: string): number {
  let counted = 0
  for (const [, amount] of metrics.matchAll(/^weir_attempts_total\{[^}]*\} (\d+)/gm)) counted += Number(amount)
  return counted
}

function recordsIn(dataDir: string): number {
  const database = new DatabaseSync(join(dataDir, 'weir.sqlite'), { readOnly: true })
  try {
    return Number(database.prepare('SELECT count(*) AS amount FROM usage_records').get()?.['amount'])
  } finally {
    database.close()
  }
}

function linesOf(path: string): number {
  const buffer = Buffer.allocUnsafe(1024 * 1024)
  const file = openSync(path, 'r')
  let lines = 0
  for (;;) {
    const bytes = readSync(file, buffer)
    if (bytes === 0) break
    for (let place = buffer.indexOf(10); place !== -1 && place < bytes; place = buffer.indexOf(10, place + 1))
      lines += 1
  }
  closeSync(file)
  return lines
}

function stallOf(path: string): number {
  return Number(readFileSync(path, 'utf8'))
}
