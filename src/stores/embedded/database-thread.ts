import { Worker } from 'node:worker_threads'
import type { Clock } from '../../canonical/clock.ts'
import { GatewayError } from '../../canonical/error.ts'
import { PassingMap } from '../../canonical/passing.ts'
import type { DirectoryContents } from '../ports/directory.ts'
import type { DatabaseCalls, DatabaseMessage, DatabaseThreadSettings, DatabaseVerb } from './database-calls.ts'
import { errorOf } from './problem.ts'
import type { Recovery } from './recover-spool.ts'

/** How many calls may wait for the database at once. */
const maxPendingCalls = 10_000

/** What the serving thread sees of the database: calls that are answered, refused, or given up at their deadline. */
export interface DatabaseThread {
  /**
   * @throws GatewayError `store_unavailable` at the deadline, when too many calls wait, and for ever once the thread has
   *   died. A call given up at its deadline may still take effect.
   */
  call<Verb extends DatabaseVerb>(
    verb: Verb,
    takes: DatabaseCalls[Verb]['takes'],
  ): Promise<DatabaseCalls[Verb]['gives']>
  /** How much of this process's spool is in the database. */
  shippedBytes(): number
  /** Ends the thread, whatever it is doing. */
  stop(): Promise<void>
}

export interface OpenedDatabase {
  readonly thread: DatabaseThread
  readonly recovery: Recovery
  readonly directory: DirectoryContents
}

interface PendingCall {
  readonly resolve: (value: unknown) => void
  readonly reject: (failure: GatewayError) => void
  readonly cancelDeadline: () => void
}

/**
 * Starts the thread that owns the database and waits until it has recovered what dead processes left behind. Opening has
 * no deadline: a long spool takes its time.
 * @throws GatewayError when the database cannot be opened or a spool cannot be trusted.
 */
export function startDatabaseThread(
  settings: DatabaseThreadSettings & { readonly callDeadlineMs: number },
  clock: Clock,
  onFailure: (failure: GatewayError) => void,
  startWorker: (settings: DatabaseThreadSettings) => Worker = startDatabaseWorker,
): Promise<OpenedDatabase> {
  const { callDeadlineMs, ...workerSettings } = settings
  const worker = startWorker(workerSettings)
  const opening = Promise.withResolvers<OpenedDatabase>()
  const pending = new PassingMap<number, PendingCall>()
  let lastId = 0
  let shippedBytes = 0
  let death: GatewayError | undefined
  let isOpen = false
  let isStopping = false

  const die = (reason: string, cause: unknown): void => {
    if (death !== undefined) return
    death = new GatewayError('store_unavailable', `the database thread ${reason}; restart the gateway`, { cause })
    opening.reject(death)
    for (const [id] of pending) take(id)?.reject(death)
    if (isOpen && !isStopping) onFailure(death)
  }
  const take = (id: number): PendingCall | undefined => {
    const call = pending.get(id)
    pending.delete(id)
    call?.cancelDeadline()
    return call
  }
  const thread: DatabaseThread = {
    call<Verb extends DatabaseVerb>(verb: Verb, takes: DatabaseCalls[Verb]['takes']) {
      if (isStopping) return Promise.reject(new GatewayError('store_unavailable', 'the store is closed'))
      if (death !== undefined) return Promise.reject(death)
      if (pending.size >= maxPendingCalls) {
        return Promise.reject(
          new GatewayError('store_unavailable', `${maxPendingCalls} calls wait for the database already`),
        )
      }
      lastId += 1
      const id = lastId
      // The answer to a call of one verb is of that verb; only its way through the message port forgets it.
      const answer = Promise.withResolvers<DatabaseCalls[Verb]['gives']>()
      const deadline = clock.after(callDeadlineMs, () => {
        take(id)?.reject(
          new GatewayError('store_unavailable', `the database did not answer ${verb} in ${callDeadlineMs} ms`),
        )
      })
      pending.set(id, {
        resolve: (value) => answer.resolve(value as DatabaseCalls[Verb]['gives']),
        reject: answer.reject,
        cancelDeadline: () => deadline.cancel(),
      })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window and has no origin
      worker.postMessage({ id, verb, takes })
      return answer.promise
    },
    shippedBytes: () => shippedBytes,
    async stop() {
      isStopping = true
      await worker.terminate()
    },
  }

  worker.on('message', (message: DatabaseMessage) => {
    switch (message.kind) {
      case 'opened':
        isOpen = true
        return opening.resolve({ thread, recovery: message.recovery, directory: message.directory })
      case 'not-opened':
        isStopping = true
        return opening.reject(errorOf(message.problem))
      case 'answer':
        return take(message.id)?.resolve(message.value)
      case 'refusal':
        return take(message.id)?.reject(errorOf(message.problem))
      case 'shipped':
        shippedBytes = message.totalBytes
        return undefined
      case 'not-shipped':
        return onFailure(errorOf(message.problem))
    }
  })
  worker.on('messageerror', (thrown) => die('sent what cannot be read', thrown))
  worker.on('error', (thrown) => die(`died: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown))
  worker.on('exit', (code) => die(`ended with code ${code}`, undefined))
  return opening.promise
}

function startDatabaseWorker(settings: DatabaseThreadSettings): Worker {
  // Beside this file under the same ending: `.ts` when run from source, `.js` when compiled.
  const file = import.meta.url.endsWith('.ts') ? './database-worker.ts' : './database-worker.js'
  return new Worker(new URL(file, import.meta.url), { name: 'weir-database', workerData: { weirDatabase: settings } })
}
