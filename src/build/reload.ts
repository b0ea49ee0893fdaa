import type { Logger } from 'pino'
import type { Metrics } from '../accounting/metrics/open-metrics.ts'
import type { Clock } from '../canonical/clock.ts'
import type { Turns } from '../canonical/turns.ts'
import { tlsMode } from '../config/listener-tls.ts'
import type { Audit } from '../stores/ports/audit.ts'
import { ConfigRefused, readConfigFile, type Loaded } from './config-file.ts'
import type { LiveConfig } from './live-config.ts'

/** Who wants the config read: somebody at the admin API, the watch over its files, or a `SIGHUP`. */
export type ReloadCause = 'admin' | 'file' | 'signal'

export interface Reload {
  /**
   * Reads the config file anew, when no change of the directory is under way: a key is never written below an owner that the
   * config is losing. Those who ask while one waits for its turn share it. What cannot be taken is told, and what runs goes on
   * with the last good one. Of what files and signals caused there is an audit entry when this resolves; the admin API writes its own.
   */
  now(cause: ReloadCause): Promise<ReloadTold>
  /** Why the newest version of the file was not taken; `undefined` when it was. */
  readonly lastProblem: string | undefined
}

export interface ReloadTold {
  readonly isTaken: boolean
  /** In force now, whether it is the new one or not. */
  readonly version: string
  readonly warnings: readonly string[]
  /** Empty when it was taken. */
  readonly problem: string
}

export interface ReloadParts {
  readonly clock: Clock
  readonly turns: Turns
  readonly audit: Pick<Audit, 'append'>
  readonly configFile: string
  readonly live: LiveConfig
  readonly log: Logger
  readonly metrics: Metrics
  /** A new config is in force here. Resolves when it is everywhere, with warnings about where it is not. */
  readonly onTaken: () => Promise<readonly string[]>
  /** A config that can be read was not taken. What it names may be at fault, and may be mended where it is. */
  readonly onRefused: (refused: Loaded) => void
  readonly onBug: (error: unknown) => void
}

export function openReload(parts: ReloadParts): Reload {
  const { clock, turns, audit, configFile, live, log, metrics, onTaken, onRefused, onBug } = parts
  // What a running process listens on and writes to is what it was started with.
  const started = live.loaded
  let lastProblem: string | undefined
  const read = async (): Promise<ReloadTold> => {
    let next: Loaded | undefined
    try {
      next = readConfigFile(configFile)
      refuseFixedChanges(started, next, configFile)
      live.take(next)
      const warnings = [...live.warnings, ...(await onTaken())]
      lastProblem = undefined
      metrics.noteReload(true)
      log.info({ version: next.version, warnings }, 'config reloaded')
      return { isTaken: true, version: next.version, warnings, problem: '' }
    } catch (thrown) {
      // Whatever is thrown, what runs goes on with the last good config; a mistake of ours is told as one besides.
      if (!(thrown instanceof ConfigRefused)) onBug(thrown)
      const problem =
        thrown instanceof ConfigRefused ? thrown.message : 'a mistake of Weir, not of the config; see the log'
      const { version } = live.loaded
      lastProblem = problem
      metrics.noteReload(false)
      if (next) onRefused(next)
      log.error({ problem, keeps: version }, 'config refused; the last good one stays in force')
      return { isTaken: false, version, warnings: live.warnings, problem }
    }
  }
  const note = async (cause: ReloadCause, { isTaken, version, problem }: ReloadTold): Promise<void> => {
    const detail = isTaken ? { isTaken, version } : { isTaken, keeps: version, problem }
    const told = { actor: cause, action: 'config.reload', target: 'config', detail: JSON.stringify(detail) }
    try {
      await audit.append({ atMs: clock.nowMs(), ...told })
    } catch (thrown) {
      // It is done: what is in force does not depend on the store.
      log.error({ err: thrown }, 'the audit log has no entry of the config that was read anew')
    }
  }
  const begin = () => {
    const causes = new Set<ReloadCause>()
    const told = turns.take(async () => {
      waiting = undefined
      const outcome = await read()
      for (const cause of causes) if (cause !== 'admin') await note(cause, outcome)
      return outcome
    })
    return { causes, told }
  }
  let waiting: ReturnType<typeof begin> | undefined
  return {
    get lastProblem() {
      return lastProblem
    },
    now: (cause) => {
      waiting ??= begin()
      waiting.causes.add(cause)
      return waiting.told
    },
  }
}

/** What cannot change in a running process is refused, not silently ignored. */
function refuseFixedChanges({ value: was }: Loaded, { value: next }: Loaded, configFile: string): void {
  const changed = (
    [
      ['server.listen', was.server.listen, next.server.listen],
      ['server.tls', tlsMode(was.server.tls), tlsMode(next.server.tls)],
      ['server.maxConnections', was.server.maxConnections, next.server.maxConnections],
      ['server.workers', was.server.workers, next.server.workers],
      ['server.spareWorkers', was.server.spareWorkers, next.server.spareWorkers],
      ['admin.listen', was.admin.listen, next.admin.listen],
      ['admin.tls', tlsMode(was.admin.tls), tlsMode(next.admin.tls)],
      ['admin.allowNonLoopback', was.admin.allowNonLoopback, next.admin.allowNonLoopback],
      ['store.dir', was.store.dir, next.store.dir],
      ['store.durability', was.store.durability, next.store.durability],
    ] as const
  ).filter(([, before, after]) => before !== after)
  if (changed.length > 0)
    throw new ConfigRefused(
      `${configFile}:1:1  ${changed.map(([name]) => name).join(', ')} cannot change in a running gateway: restart it`,
    )
}
