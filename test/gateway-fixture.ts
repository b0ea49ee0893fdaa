import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { build, type Gateway } from '../src/build.ts'
import type { Clock } from '../src/canonical/clock.ts'
import { calmly } from './calmly.ts'
import type { TurnedClock } from './turned-clock.ts'
import type { FinishedExchange, Weigh } from '../src/gateway/hooks.ts'
import type { Lookup } from '../src/providers/resolver.ts'
import type { Probes } from '../src/server/probes.ts'

/** A whole gateway in this process, on free loopback ports and a folder of its own. */
export interface RunningGateway {
  readonly gateway: Gateway
  /** A key of the organisation `default`, which may use everything. */
  readonly key: string
  readonly adminKey: string
  readonly dir: string
  readonly configFile: string
  /** Everything that was logged, as text. */
  logged(): string
  /** Exchanges in the order they ended. */
  readonly finished: readonly FinishedExchange[]
  /** Resolves when `count` exchanges have ended in all. */
  ended(count: number): Promise<void>
  admin(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

export interface FixtureSettings {
  /** YAML below `server`, `admin` and `store`, which the fixture sets. */
  readonly config: string
  /** YAML settings of the two listeners beside those that the fixture sets, such as `tls: { ... }`. */
  readonly listeners?: { readonly server?: string; readonly admin?: string }
  readonly probes?: Probes
  readonly env?: Readonly<Record<string, string>>
  /** How names of providers are resolved. */
  readonly lookup?: Lookup
  readonly clock?: Clock
  readonly random?: () => number
  readonly weigh?: readonly Weigh[]
  /** An existing folder to start on; otherwise a new one is made, and removed at the end. */
  readonly dir?: string
}

export async function startGateway(settings: FixtureSettings): Promise<RunningGateway> {
  const dir = settings.dir ?? mkdtempSync(join(tmpdir(), 'weir-test-'))
  const configFile = join(dir, 'weir.yaml')
  writeFileSync(configFile, fixtureConfig(settings.config, dir, settings.listeners))
  const lines: string[] = []
  const finished: FinishedExchange[] = []
  let waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const gateway = await build({
    configFile,
    env: settings.env ?? {},
    log: { write: (line: string) => void lines.push(line) },
    workerLog: 'ignore',
    ...(settings.clock ? { clock: settings.clock } : {}),
    ...(settings.lookup ? { lookup: settings.lookup } : {}),
    ...(settings.random ? { random: settings.random } : {}),
    ...(settings.probes ? { probes: settings.probes } : {}),
    hooks: {
      weigh: settings.weigh ?? [],
      sinks: [
        (exchange) => {
          finished.push(exchange)
          for (const { count, resolve } of waiting) if (finished.length >= count) resolve()
          waiting = waiting.filter(({ count }) => finished.length < count)
        },
      ],
    },
  })
  const adminKey = gateway.newAdminKey ?? ''
  return {
    gateway,
    key: gateway.firstKey ?? '',
    adminKey,
    dir,
    configFile,
    logged: () => lines.join(''),
    finished,
    ended: (count) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (finished.length >= count) resolve()
      else waiting.push({ count, resolve })
      return promise
    },
    admin: (path, init) =>
      fetch(`${gateway.adminOrigin}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', ...init?.headers },
      }),
    close: async () => {
      await overWith(gateway.drain(), settings.clock, () => lines.some((line) => line.includes('"msg":"drained"')))
      if (settings.dir === undefined) rmSync(dir, { recursive: true, force: true })
    },
  }
}

/**
 * A drain waits on the gateway's clock for calls that may be on their way; one that is turned by hand is turned for that, and
 * no further: the database is not to be late by it.
 */
async function overWith(draining: Promise<void>, clock: Clock | undefined, hasDrained: () => boolean): Promise<void> {
  const turnable = clock !== undefined && isTurned(clock) ? clock : undefined
  const over = draining.then(() => true)
  for (let isOver = turnable === undefined; !isOver && !hasDrained();) {
    turnable?.turn(100)
    isOver = await Promise.race([over, nextTurn(false)])
  }
  await over
}

function isTurned(clock: Clock): clock is TurnedClock {
  return 'turn' in clock
}

/** The parts of a config that every fixture sets alike. */
export function fixtureConfig(config: string, dir: string, listeners: FixtureSettings['listeners'] = {}): string {
  return [
    `server: { ${['listen: 127.0.0.1:0', 'drainMs: 5000', calmly(listeners.server)].join(', ')} }`,
    `admin: { ${['listen: 127.0.0.1:0', listeners.admin ?? []].flat().join(', ')} }`,
    `store: { dir: ${JSON.stringify(join(dir, 'data'))} }`,
    config,
  ].join('\n')
}
