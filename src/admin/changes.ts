import { GatewayError } from '../canonical/error.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { BooksRebuilt } from '../stores/ports/budget-accounts.ts'
import type { DirectoryChange } from '../stores/ports/directory.ts'
import type { NewLedgerEntry } from '../stores/ports/ledger-entries.ts'
import type { Grant } from '../stores/ports/ledger.ts'
import type { AdminParts } from './ports.ts'

/** Changes that may wait for the one under way. People and scripts make them; more than this is a mistake. */
const waitingLimit = 256

/** Everything that changes who exists goes through here, one after the other. */
export interface Changes {
  /**
   * Runs work while no other change and no reload is under way, so that what it has seen (the team exists, the name is free)
   * still holds when it writes. The directory alone cannot check that: it does not know what the config file names.
   * @throws GatewayError `overloaded` when too many wait.
   */
  alone<T>(work: () => Promise<T>): Promise<T>
  /**
   * Writes a change with its audit entry, both or neither, and makes the data listener see it before it resolves
   * (failures.md A8). Only inside `alone`.
   */
  write(change: DirectoryChange, told: AuditWords): Promise<void>
  /** Appends entries to the ledger with their audit entry, all or none. Only inside `alone`. */
  enter(entries: readonly NewLedgerEntry[], told: AuditWords): Promise<void>
  /** Changes what may be spent, with its audit entry, both or neither; in force when this resolves. Only inside `alone`. */
  grant(grant: Grant, told: AuditWords, reason: string | undefined): Promise<void>
  /** Puts right what is kept of budgets, with an audit entry where anything was wrong, both or neither. Only inside `alone`. */
  repair(told: Omit<AuditWords, 'detail'>): Promise<BooksRebuilt>
  /** An audit entry for something that is no change of the directory. */
  note(told: AuditWords): Promise<void>
}

export interface AuditWords {
  readonly action: string
  readonly target: string
  /** Never a secret, never a hash of one. */
  readonly detail: JsonObject
}

export function openChanges(parts: AdminParts): Changes {
  let waiting = 0
  const eventHead = ({ action, target }: Omit<AuditWords, 'detail'>) => ({
    atMs: parts.clock.nowMs(),
    actor: 'admin',
    action,
    target,
  })
  const eventOf = (told: AuditWords) => ({ ...eventHead(told), detail: JSON.stringify(told.detail) })
  return {
    alone: async (work) => {
      if (waiting >= waitingLimit)
        throw new GatewayError('overloaded', `${waitingLimit} changes wait already; try again in a moment`)
      waiting += 1
      try {
        return await parts.turns.take(work)
      } finally {
        waiting -= 1
      }
    },
    write: async (change, told) => {
      await parts.stores.directory.change(change, eventOf(told))
      await parts.directoryChanged()
    },
    enter: (entries, told) => parts.ledger.append(entries, eventOf(told)),
    grant: (grant, told, reason) => parts.ledger.grant(grant, eventOf(told), reason),
    repair: (told) => parts.stores.accounts.rebuild({ repair: eventHead(told) }),
    note: (told) => parts.stores.audit.append(eventOf(told)),
  }
}
