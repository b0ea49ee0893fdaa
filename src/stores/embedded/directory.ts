import { GatewayError } from '../../canonical/error.ts'
import type { AuditEvent } from '../ports/audit.ts'
import type { Directory, DirectoryChange, DirectoryContents } from '../ports/directory.ts'
import type { DatabaseThread } from './database-thread.ts'
import { contentsAfter, frozen, type EntityName } from './directory-change.ts'

/** How many changes may wait for their turn. */
const maxWaitingChanges = 1000

/**
 * The directory, read from memory and changed through the database. Changes happen one after the other, each judged
 * against the outcome of the one before.
 * @param isConfigured tells whether the config in force names an entity.
 * @param onForgotten told of an organisation that is gone, with everything that was kept for it: another of its name must
 *   not come into that.
 */
export function openDirectory(
  thread: DatabaseThread,
  stored: DirectoryContents,
  isConfigured: (entity: EntityName) => boolean,
  onForgotten: (organisation: string) => void,
): Directory {
  // Frozen again: what comes from another thread is a copy.
  let contents = frozen(stored.entities, stored.keys)
  let isInDoubt = false
  let waitingChanges = 0
  let lastChange: Promise<void> = Promise.resolve()

  const reload = async (): Promise<void> => {
    const read = await thread.call('read-directory', undefined)
    contents = frozen(read.entities, read.keys)
    isInDoubt = false
  }
  const apply = async (change: DirectoryChange, audit: AuditEvent): Promise<void> => {
    if (isInDoubt) await reload()
    const next = contentsAfter(contents, change, audit.atMs, isConfigured)
    // One that the config names as well goes on under its name.
    const isEnd =
      change.kind === 'remove-entity' && change.entity.kind === 'organisation' && !isConfigured(change.entity)
    const forgets = isEnd ? change.entity.name : undefined
    try {
      await thread.call('change-directory', { change, audit, forgets })
    } catch (thrown) {
      // A call given up at its deadline may still take effect, and memory must not go on to say otherwise. Where even this
      // fails, the doubt stays, and the next change asks again before it is judged.
      isInDoubt = true
      void reload().then(noOp, noOp)
      throw thrown
    } finally {
      if (forgets !== undefined) onForgotten(forgets)
    }
    contents = next
  }
  return {
    contents: () => contents,
    change(change, audit) {
      if (waitingChanges >= maxWaitingChanges) {
        return Promise.reject(
          new GatewayError('store_unavailable', `${maxWaitingChanges} changes wait for the directory already`),
        )
      }
      waitingChanges += 1
      const turn = lastChange.then(() => apply(change, audit)).finally(() => (waitingChanges -= 1))
      // The next change waits for this one and does not fail with it.
      lastChange = turn.then(noOp, noOp)
      return turn
    },
  }
}

const noOp = (): void => undefined
