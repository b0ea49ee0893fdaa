import { randomBytes } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import type { DestinationStream } from 'pino'
import { openMetrics } from './accounting/metrics.ts'
import { openAdmin } from './admin/app.ts'
import { serveAdmin } from './admin/serve-admin.ts'
import { identityViews, modelViews, providerViews } from './build/admin-views.ts'
import { compile, dataDirOf } from './build/compile.ts'
import { ConfigRefused, readConfigFile } from './build/config-file.ts'
import { makeFirstKey } from './build/first-start.ts'
import type { Config } from './build/settings.ts'
import { systemClock, type Clock } from './canonical/clock.ts'
import { openIds } from './canonical/ids.ts'
import { splitHostAndPort } from './config/host-and-port.ts'
import { describeProblems } from './config/problem.ts'
import { readPrivateFile } from './config/private-file.ts'
import { watchFile } from './config/watch.ts'
import type { Hooks } from './gateway/hooks.ts'
import { listModels } from './gateway/list-models.ts'
import type { Parts } from './gateway/parts.ts'
import { serve } from './gateway/serve.ts'
import type { Snapshot } from './gateway/snapshot.ts'
import { loadAdminKey, type AdminKey } from './policies/identity/admin-key.ts'
import { directoryOfConfig } from './policies/identity/from-config.ts'
import { identify } from './policies/identity/identify.ts'
import { makeKey, openKeyHasher } from './policies/identity/key.ts'
import { loadPepper } from './policies/identity/pepper.ts'
import { entityId, joinIdentity } from './policies/identity/tree.ts'
import { startSimulated } from './providers/simulated/serve.ts'
import { openUpstream } from './providers/upstream.ts'
import { openHealth } from './routing/health.ts'
import { accessLine, openLog } from './server/access-log.ts'
import { listen } from './server/listen.ts'
import { openEmbedded } from './stores/embedded/open-embedded.ts'

export interface BuildSettings {
  readonly configFile: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where log lines go. */
  readonly log: DestinationStream
  readonly clock?: Clock
  readonly random?: () => number
  readonly hooks?: Partial<Hooks>
}

/** A running gateway. */
export interface Gateway {
  readonly dataOrigin: string
  readonly adminOrigin: string
  readonly dataDir: string
  readonly warnings: readonly string[]
  /** Providers that are switched off, each with the reference that would switch it on. */
  readonly providersOff: ReadonlyMap<string, string>
  /** Made at the first start, to be shown once. */
  readonly firstKey: string | undefined
  readonly newAdminKey: string | undefined
  readonly models: readonly string[]
  /** Reads the config file anew; a broken one keeps the last good one. */
  reload(): Promise<{ readonly isTaken: boolean; readonly told: string }>
  /** Stops accepting, lets exchanges end, closes everything. Resolves when the last record is in the store. */
  drain(): Promise<void>
}

/**
 * Config in, running gateway out: the only file that knows every room.
 * @throws ConfigRefused with every problem, line and column.
 */
export async function build(settings: BuildSettings): Promise<Gateway> {
  const clock = settings.clock ?? systemClock
  const configFile = resolve(settings.configFile)
  const log = openLog(settings.log)
  const first = readConfigFile(configFile)
  const dataDir = dataDirOf(first.value, settings.env)
  let configEntities = entityIdsOf(first.value)

  // Asked at a scrape, when the listener is long open.
  const metrics = openMetrics(() => data.running)
  const stores = await openEmbedded({
    dir: dataDir,
    clock,
    isConfigured: (entity) => configEntities.has(entityId(entity)),
    onFailure: (error) => {
      metrics.noteRecordFailure()
      log.error({ err: error.message }, 'the store reports a failure')
    },
  })
  const { recovery } = stores
  if (recovery.adoptedSpools + recovery.unknownRecords + recovery.tornBytes > 0)
    log.warn(
      { recovery },
      'the gateway before this one did not end in order; what it had under way is recorded as unknown',
    )
  const hashOf = openKeyHasher(loadPepper({ env: settings.env, dataDir }))
  const newKey = () => {
    const made = makeKey(randomBytes)
    return { ...made, hash: hashOf(made.key) }
  }
  const onBug = (error: unknown) => log.error({ err: error }, 'bug')
  // Listens on loopback only, and serves nothing that the config does not send there. It is always on, so that a reload may
  // add a simulated provider.
  const simulated = await startSimulated({ clock, onBug })

  // --- the config: one snapshot, compiled whole, swapped whole -------------------------------------------------------
  let loaded = first
  let lastReloadProblem: string | undefined
  let loadedAtMs = clock.nowMs()
  const compileOrRefuse = (next: typeof loaded) => {
    const compiled = compile(next, {
      secrets: { env: settings.env, readFile: readPrivateFile, baseDir: dirname(configFile) },
      directory: stores.directory.contents(),
      simulatedOrigin: simulated.origin,
      mustHaveSecrets: true,
      nowMs: clock.nowMs(),
    })
    if (!compiled.ok) throw new ConfigRefused(describeProblems(compiled.problems))
    return compiled
  }
  const compiledFirst = compileOrRefuse(first)
  const { off: providersOff } = compiledFirst
  let { snapshot, warnings }: { snapshot: Snapshot; warnings: readonly string[] } = compiledFirst

  const reload = async () => {
    try {
      const next = readConfigFile(configFile)
      refuseFixedChanges(first.value, next.value, configFile)
      ;({ snapshot, warnings } = compileOrRefuse(next))
      loaded = next
      configEntities = entityIdsOf(next.value)
      health.wakeCredentials()
      lastReloadProblem = undefined
      loadedAtMs = clock.nowMs()
      metrics.noteReload(true)
      log.info({ version: next.version, warnings }, 'config reloaded')
      return { isTaken: true, version: next.version, warnings, problem: '' }
    } catch (thrown) {
      // Whatever is thrown, what runs goes on with the last good config; a mistake of ours is told as one besides.
      if (!(thrown instanceof ConfigRefused)) onBug(thrown)
      const problem =
        thrown instanceof ConfigRefused ? thrown.message : 'a mistake of Weir, not of the config; see the log'
      lastReloadProblem = problem
      metrics.noteReload(false)
      log.error({ problem, keeps: loaded.version }, 'config refused; the last good one stays in force')
      return { isTaken: false, version: loaded.version, warnings, problem }
    }
  }

  // --- the pipeline --------------------------------------------------------------------------------------------------
  const health = openHealth(clock, (credentialId) => {
    metrics.noteCredentialRefused(credentialId)
    log.error({ credential: credentialId }, 'a provider refused this credential; it rests')
  })
  const upstream = openUpstream({ clock, onBug })
  const parts: Parts = {
    clock,
    random: settings.random ?? Math.random,
    snapshot: () => snapshot,
    hashOf,
    usage: stores.usage,
    upstream,
    health,
    hooks: {
      guardInput: settings.hooks?.guardInput ?? [],
      weigh: settings.hooks?.weigh ?? [],
      sinks: [
        metrics.note,
        (finished) => log.info(accessLine(finished), 'exchange'),
        (finished) => {
          if (finished.bug !== undefined) log.error({ requestId: finished.id, err: finished.bug }, 'bug')
        },
        ...(settings.hooks?.sinks ?? []),
      ],
    },
  }
  const data = await listen(
    {
      clock,
      nextId: openIds(clock, randomBytes),
      serve: (exchange) => serve(exchange, parts),
      listModels: (headers, dialect) =>
        listModels(snapshot, identify(headers, snapshot.identity, hashOf, clock.nowMs()), dialect),
      onBug: (error, requestId) => log.error({ requestId, err: error }, 'bug'),
    },
    { ...splitHostAndPort(first.value.server.listen), maxConnections: first.value.server.maxConnections },
  )

  // --- the control plane ---------------------------------------------------------------------------------------------
  let adminKey: AdminKey | undefined
  const directoryChanged = () => {
    const identity = joinIdentity(directoryOfConfig(loaded.value.organisations), stores.directory.contents())
    snapshot = { ...snapshot, identity }
  }
  const { app } = openAdmin({
    clock,
    stores,
    verifyAdminKey: (candidate) => adminKey?.verify(candidate) ?? false,
    makeKey: newKey,
    identities: () => identityViews(snapshot),
    directoryChanged,
    models: () => modelViews(snapshot, clock.nowMs()),
    providers: () => providerViews(snapshot, health),
    config: () => ({ version: loaded.version, fileName: configFile, loadedAtMs, warnings, lastReloadProblem }),
    reload,
    metrics: () => metrics.render(),
    onBug: (error, id) => log.error({ requestId: id, err: error }, 'bug in the admin API'),
  })
  const admin = await serveAdmin(app, splitHostAndPort(first.value.admin.listen))
  const watching = watchFile(configFile, {
    clock,
    onChange: () => void reload(),
    onProblem: (problem) =>
      log.error({ err: problem }, 'watching the config file failed: changes take effect at SIGHUP only'),
  })
  await watching.ready

  // Keys are made last, when nothing can refuse the start any more: they are shown once, by the start that made them. One
  // made by a start that then failed (a secret missing, a port in use) would be lost, and never made again.
  const firstKey = await makeFirstKey(stores, directoryOfConfig(first.value.organisations), newKey, clock)
  if (firstKey !== undefined) directoryChanged()
  adminKey = loadAdminKey({ env: settings.env, dataDir, random: randomBytes })

  return {
    dataOrigin: data.origin,
    adminOrigin: admin.origin,
    dataDir,
    warnings,
    firstKey,
    newAdminKey: adminKey.shownOnce,
    providersOff,
    models: snapshot.catalog.models.filter((model) => model.targets.length > 0).map((model) => model.name),
    reload: async () => {
      const outcome = await reload()
      return { isTaken: outcome.isTaken, told: outcome.isTaken ? outcome.version : outcome.problem }
    },
    drain: async () => {
      await watching.close()
      const ended = await data.drain(loaded.value.server.drainMs)
      log.info({ ended }, 'drained')
      await admin.close()
      await upstream.close()
      await simulated.close()
      await stores.close()
    },
  }
}

function entityIdsOf(config: Config): ReadonlySet<string> {
  return new Set(directoryOfConfig(config.organisations).entities.map(entityId))
}

/** What cannot change in a running process is refused, not silently ignored. */
function refuseFixedChanges(was: FixedSettings, next: FixedSettings, configFile: string): void {
  const changed = (
    [
      ['server.listen', was.server.listen, next.server.listen],
      ['server.maxConnections', was.server.maxConnections, next.server.maxConnections],
      ['admin.listen', was.admin.listen, next.admin.listen],
      ['admin.allowNonLoopback', was.admin.allowNonLoopback, next.admin.allowNonLoopback],
      ['store.dir', was.store.dir, next.store.dir],
    ] as const
  ).filter(([, before, after]) => before !== after)
  if (changed.length > 0)
    throw new ConfigRefused(
      `${configFile}:1:1  ${changed.map(([name]) => name).join(', ')} cannot change in a running gateway: restart it`,
    )
}

interface FixedSettings {
  readonly server: { readonly listen: string; readonly maxConnections: number }
  readonly admin: { readonly listen: string; readonly allowNonLoopback?: boolean | undefined }
  readonly store: { readonly dir: string }
}
