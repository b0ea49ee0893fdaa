import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../test/turned-clock.ts'
import { GatewayError } from '../canonical/error.ts'
import { maxPendingAsks, maxUnsentMessages, openLink, type LinkMessage } from './link.ts'

type Asks = {
  readonly double: { readonly takes: number; readonly gives: number }
  readonly refuse: { readonly takes: string; readonly gives: undefined }
  readonly never: { readonly takes: undefined; readonly gives: undefined }
}
type Tells = { readonly note: string }
type None = Record<never, never>

/** Two ends, joined by what a process boundary does to messages: they are copied, and arrive in a later turn. */
function openPair() {
  const clock = turnedClock()
  const batches: (readonly LinkMessage[])[] = []
  const heard: string[] = []
  const bugs: unknown[] = []
  let reads = true
  const near = openLink<Asks, Tells, None, None>({
    clock,
    send: (batch, then) => {
      batches.push(batch)
      if (!reads) return
      setImmediate(() => {
        then()
        far.receive(structuredClone(batch))
      })
    },
    answers: {},
    hears: {},
    onBug: (error) => void bugs.push(error),
    onStuck: () => void heard.push('stuck'),
  })
  const far = openLink<None, None, Asks, Tells>({
    clock,
    send: (batch, then) => {
      batches.push(batch)
      setImmediate(() => {
        then()
        near.receive(structuredClone(batch))
      })
    },
    answers: {
      double: (number) => number * 2,
      refuse: (why) => {
        throw why === 'bug' ? new TypeError('a bug') : new GatewayError('invalid_request', why)
      },
      never: () => new Promise(() => {}),
    },
    hears: { note: (text) => void heard.push(text) },
    onBug: (error) => void bugs.push(error),
    onStuck: () => {},
  })
  return { near, far, clock, batches, heard, bugs, stopReading: () => void (reads = false) }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('the link between processes', () => {
  it('carries everything of one turn as one message, there and back, in order', async () => {
    const { near, batches, heard } = openPair()
    const asked = [1, 2, 3].map((number) => near.ask('double', number))
    near.tell('note', 'a')
    near.tell('note', 'b')
    expect(await Promise.all(asked)).toEqual([2, 4, 6])
    expect(heard).toEqual(['a', 'b'])
    expect(batches.map((batch) => batch.length)).toEqual([5, 3])
  })

  it('sends what waited for a batch on its way together with what that turn says behind it', async () => {
    const { near, batches } = openPair()
    near.tell('note', 'a')
    await turn()
    near.tell('note', 'b')
    // Behind the one that tells that the batch has left.
    setImmediate(() => near.tell('note', 'c'))
    for (let turns = 0; turns < 3; turns += 1) await turn()
    expect(batches.map((batch) => batch.length)).toEqual([1, 2])
  })

  it('carries a refusal over as what it was, and a bug as internal, told where it happened', async () => {
    const { near, bugs } = openPair()
    await expect(near.ask('refuse', 'no such key')).rejects.toMatchObject({
      kind: 'invalid_request',
      message: 'no such key',
    })
    await expect(near.ask('refuse', 'bug')).rejects.toMatchObject({ kind: 'internal' })
    expect(bugs).toEqual([new TypeError('a bug')])
  })

  it('gives an ask up at its deadline, and refuses what waits when the other side is gone', async () => {
    const { near, clock } = openPair()
    const late = near.ask('never', undefined, 1_000)
    clock.turn(1_000)
    await expect(late).rejects.toMatchObject({ kind: 'store_unavailable', message: expect.stringContaining('1000 ms') })
    const waiting = near.ask('never', undefined)
    near.close('was killed')
    await expect(waiting).rejects.toThrow('the other process of this gateway was killed')
    await expect(near.ask('double', 1)).rejects.toThrow('was killed')
    expect(clock.pendingTimers).toBe(0)
  })

  it('is bounded: so many asks may wait, and a side that does not read is given up', async () => {
    const { near, heard, stopReading } = openPair()
    stopReading()
    const waiting = Array.from({ length: maxPendingAsks }, () => near.ask('never', undefined))
    await expect(near.ask('never', undefined)).rejects.toMatchObject({ kind: 'overloaded' })
    for (let count = maxPendingAsks; count <= maxUnsentMessages; count += 1) near.tell('note', 'more')
    expect(heard).toEqual(['stuck'])
    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  })
})
