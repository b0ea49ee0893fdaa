import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import type { GatewayError } from '../../canonical/error.ts'
import { startDatabaseThread } from './database-thread.ts'

/** A thread that says it has opened, and then does what the test's code says with each message. */
async function startWith(onMessage: string) {
  const clock = turnedClock()
  const failures: GatewayError[] = []
  const opened = `const { parentPort } = require('node:worker_threads')
    parentPort.on('message', (message) => { ${onMessage} })
    parentPort.postMessage({ kind: 'opened', recovery: {}, directory: { entities: [], keys: [] } })`
  const { thread } = await startDatabaseThread(
    { dataDir: '', ownerId: '', reserveBytes: 0, busyTimeoutMs: 0, callDeadlineMs: 1000 },
    clock,
    (failure) => void failures.push(failure),
    () => new Worker(opened, { eval: true }),
  )
  return { thread, clock, failures }
}

describe('the database thread', () => {
  it('refuses waiting and later calls when it dies, and says so loudly', async () => {
    const { thread, failures } = await startWith(
      `if (message.verb === 'verify-audit') throw new Error('out of memory')`,
    )
    const waiting = [thread.call('read-directory', undefined), thread.call('verify-audit', undefined)]
    const outcomes = await Promise.allSettled(waiting)
    const refusal = {
      status: 'rejected',
      reason: { kind: 'store_unavailable', message: expect.stringContaining('out of memory') },
    }
    expect(outcomes).toMatchObject([refusal, refusal])
    await expect(thread.call('read-directory', undefined)).rejects.toMatchObject({ kind: 'store_unavailable' })
    expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining('the database thread died')])
    await thread.stop()
  })

  it('gives a call up at its deadline, and drops the answer that comes too late', async () => {
    const { thread, clock, failures } = await startWith(
      `if (message.verb === 'verify-audit') for (const id of [1, 2]) parentPort.postMessage({ kind: 'answer', id, value: id })`,
    )
    const late = thread.call('read-directory', undefined)
    clock.turn(1000)
    await expect(late).rejects.toMatchObject({
      kind: 'store_unavailable',
      message: expect.stringContaining('in 1000 ms'),
    })
    expect(await thread.call('verify-audit', undefined)).toBe(2)
    expect(clock.pendingTimers).toBe(0)
    expect(failures).toEqual([])
    await thread.stop()
    await expect(thread.call('verify-audit', undefined)).rejects.toThrow('the store is closed')
  })

  it('carries a problem made for users over as what it was, and any other as internal with its cause for the log', async () => {
    const { thread } = await startWith(
      `const { id, verb } = message
       const problem = verb === 'verify-audit'
         ? { kind: 'invalid_request', message: 'said to users', cause: undefined }
         : { kind: 'internal', message: 'the gateway made a mistake', cause: 'TypeError: at line 1' }
       parentPort.postMessage({ kind: 'refusal', id, problem })`,
    )
    await expect(thread.call('verify-audit', undefined)).rejects.toMatchObject({
      kind: 'invalid_request',
      message: 'said to users',
    })
    await expect(thread.call('read-directory', undefined)).rejects.toMatchObject({
      kind: 'internal',
      cause: 'TypeError: at line 1',
    })
    await thread.stop()
  })

  it('fails to open when the thread dies first', async () => {
    const opening = startDatabaseThread(
      { dataDir: '', ownerId: '', reserveBytes: 0, busyTimeoutMs: 0, callDeadlineMs: 1000 },
      turnedClock(),
      (failure) => {
        throw failure
      },
      () => new Worker('process.exit(3)', { eval: true }),
    )
    await expect(opening).rejects.toMatchObject({
      kind: 'store_unavailable',
      message: expect.stringContaining('code 3'),
    })
  })
})
