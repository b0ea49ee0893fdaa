import { describeProblems } from '../config/problem.ts'
import { keepFound, type ConfigSources, type FoundSources } from '../config/sources.ts'
import type { Receiver } from '../alerts/receiver.ts'
import type { OpenedPriceBook } from '../accounting/price-book.ts'
import type { Snapshot } from '../gateway/snapshot.ts'
import { directoryOfConfig } from '../policies/identity/from-config.ts'
import { entityId, joinIdentity, type IdentityTree } from '../policies/identity/tree.ts'
import type { DirectoryContents } from '../stores/ports/directory.ts'
import { compile, type ListenersTls } from './compile.ts'
import { ConfigRefused, type Loaded } from './config-file.ts'
import { priceChanges } from './price-changes.ts'
import type { Clock } from '../canonical/clock.ts'

/** The config in force in this process, and the directory beside it: compiled whole, swapped whole (failures.md S11). */
export interface LiveConfig {
  readonly configFile: string
  readonly loaded: Loaded
  /** What `loaded` names besides, as it was read with it: whoever is to serve by this config is given that, not the files of today. */
  readonly found: FoundSources
  readonly loadedAtMs: number
  readonly snapshot: Snapshot
  /** With what the directory holds that does not fit the config. */
  readonly warnings: readonly string[]
  /** Providers that are switched off, each with the reference that would switch it on. */
  readonly providersOff: ReadonlyMap<string, string>
  /** The certificates of the listeners. */
  readonly listeners: ListenersTls
  /** Who is told of budgets, by name. */
  readonly receivers: ReadonlyMap<string, Receiver>
  /** The prices of the snapshot, with their layers. */
  readonly book: OpenedPriceBook
  /** Ids of the entities that the config names. */
  readonly configEntities: ReadonlySet<string>
  /**
   * Compiles the next config and swaps it in.
   * @throws ConfigRefused with every problem; what was in force stays so.
   */
  take(next: Loaded): void
  /**
   * Makes exchanges from now on see what the directory holds now.
   * @returns what it holds since then that does not fit the config, a sentence each, for the log.
   */
  directoryChanged(): readonly string[]
}

export interface LiveConfigParts {
  readonly configFile: string
  /** Where what the next config names is found. Asked for at each compile. */
  readonly sources: () => ConfigSources
  readonly clock: Clock
  /** What was made through the admin API, as it is now. */
  readonly directory: () => DirectoryContents
  readonly simulatedOrigin: string
}

/** @throws ConfigRefused when the first config cannot be compiled. */
export function openLiveConfig(first: Loaded, parts: LiveConfigParts): LiveConfig {
  const { configFile, clock, directory, simulatedOrigin } = parts
  const compiled = (next: Loaded, before: IdentityTree | undefined) => {
    const { sources, found } = keepFound(parts.sources())
    const outcome = compile(next, {
      sources,
      directory: directory(),
      before,
      simulatedOrigin,
      mustHaveSecrets: true,
      nowMs: clock.nowMs(),
    })
    if (!outcome.ok) throw new ConfigRefused(describeProblems(outcome.problems))
    return {
      loaded: next,
      found,
      loadedAtMs: clock.nowMs(),
      snapshot: outcome.snapshot,
      warnings: outcome.warnings,
      providersOff: outcome.off,
      listeners: outcome.listeners,
      receivers: outcome.receivers,
      book: outcome.book,
      configEntities: entityIdsOf(next),
    }
  }
  let inForce = compiled(first, undefined)
  return {
    configFile,
    get loaded() {
      return inForce.loaded
    },
    get found() {
      return inForce.found
    },
    get loadedAtMs() {
      return inForce.loadedAtMs
    },
    get snapshot() {
      return inForce.snapshot
    },
    get warnings() {
      return [...inForce.warnings, ...leftOutOf(inForce.snapshot.identity)]
    },
    get providersOff() {
      return inForce.providersOff
    },
    get listeners() {
      return inForce.listeners
    },
    get receivers() {
      return inForce.receivers
    },
    get book() {
      return inForce.book
    },
    get configEntities() {
      return inForce.configEntities
    },
    take: (next) => {
      const taken = compiled(next, inForce.snapshot.identity)
      const { catalog } = taken.snapshot
      const changes = priceChanges({ before: inForce.book, after: taken.book, catalog }, clock.nowMs())
      inForce = { ...taken, warnings: [...taken.warnings, ...changes] }
    },
    directoryChanged: () => {
      const before = new Set(leftOutOf(inForce.snapshot.identity))
      const identity = joinIdentity(directoryOfConfig(inForce.loaded.value.organisations), directory())
      inForce = { ...inForce, snapshot: { ...inForce.snapshot, identity } }
      return leftOutOf(identity).filter((message) => !before.has(message))
    },
  }
}

/** A sentence each, for people. */
export function leftOutOf({ leftOut }: IdentityTree): readonly string[] {
  return leftOut.map(({ message }) => `${message}: it is left out, and grants nothing`)
}

function entityIdsOf(loaded: Loaded): ReadonlySet<string> {
  return new Set(directoryOfConfig(loaded.value.organisations).entities.map(entityId))
}
