import type { Logger } from 'pino'
import type { BudgetInForce } from '../admin/ports.ts'
import type { Clock } from '../canonical/clock.ts'
import { readConfiguredCap, writeConfiguredCap, type ConfiguredCap } from '../ledger/grants.ts'
import type { LedgerEntries } from '../stores/ports/ledger-entries.ts'

/** What the ledger knows of the caps that config and API set up. */
export interface ConfiguredCaps {
  /**
   * Notes each budget whose configured cap is not the one that was noted last, and each that is gone, as an entry with its audit
   * entry. What cannot be written is logged, and noted the next time. To be called one at a time.
   * @param actor who changed something: `admin`, `config <version>`.
   */
  note(actor: string): Promise<void>
}

export interface ConfiguredCapsParts {
  readonly clock: Clock
  readonly log: Pick<Logger, 'error'>
  readonly entries: Pick<LedgerEntries, 'append' | 'configuredCaps'>
  /** Those that count now. */
  readonly budgets: () => readonly BudgetInForce[]
  /** Of the config in force. */
  readonly version: () => string
}

/** Reads what was noted before this start. */
export async function openConfiguredCaps(parts: ConfiguredCapsParts): Promise<ConfiguredCaps> {
  const { clock, log, entries, budgets, version } = parts
  const noted = new Map<string, bigint>()
  const take = ({ ruleId, cap }: ConfiguredCap): void => {
    if (cap === undefined) noted.delete(ruleId)
    else noted.set(ruleId, cap)
  }
  for (const { detail } of await entries.configuredCaps()) take(readConfiguredCap(detail))

  /** Each change under whoever made it: what an interrupted process had no time to note is not the config's. */
  const changesNow = (actor: string): ReadonlyMap<string, readonly ConfiguredCap[]> => {
    const gone = new Set(noted.keys())
    const changes: (ConfiguredCap & { readonly actor: string })[] = []
    for (const { rule, managedBy } of budgets()) {
      gone.delete(rule.id)
      if (noted.get(rule.id) === rule.cap) continue
      const by = managedBy === 'config' ? `config ${version()}` : 'admin'
      changes.push({ ruleId: rule.id, cap: rule.cap, actor: by })
    }
    for (const ruleId of gone) changes.push({ ruleId, cap: undefined, actor })
    return Map.groupBy(changes, (change) => change.actor)
  }

  return {
    note: async (actor) => {
      try {
        for (const [by, changes] of changesNow(actor)) {
          const detail = JSON.stringify({ budgets: changes.length })
          const audit = { atMs: clock.nowMs(), actor: by, action: 'budget.configure', target: 'budgets', detail }
          await entries.append(changes.map(entryOf), audit)
          for (const change of changes) take(change)
        }
      } catch (thrown) {
        log.error({ err: thrown }, 'changes of what budgets may spend could not be noted; the next change notes them')
      }
    },
  }
}

function entryOf({ ruleId, cap }: ConfiguredCap) {
  return {
    kind: 'configured',
    requestId: undefined,
    attempt: undefined,
    accountId: undefined,
    amount: cap ?? 0n,
    detail: writeConfiguredCap({ ruleId, cap }),
  } as const
}
