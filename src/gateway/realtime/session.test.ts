import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import { noUsage } from '../../canonical/usage.ts'
import { maskedTextFrame, SocketReader, textFrame } from '../../wire/websocket.ts'
import type { Slices } from './ledger-slices.ts'
import { openSession } from './session.ts'

/** One side of a session, which takes what is written when it is told to. */
class Side extends Duplex {
  readonly taken: Buffer[] = []
  isReading = true
  #waiting: (() => void)[] = []

  constructor() {
    super({ writableHighWaterMark: 64, allowHalfOpen: false })
  }

  says(bytes: Buffer): void {
    this.push(bytes)
  }

  reads(): void {
    this.isReading = true
    for (const then of this.#waiting.splice(0)) then()
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, then: () => void): void {
    this.taken.push(bytes)
    if (this.isReading) then()
    else this.#waiting.push(then)
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const long = 'x'.repeat(100)
const ofClient = (text: string) => maskedTextFrame(text, Buffer.alloc(4))

function open(room: Promise<void> = Promise.resolve()) {
  const [client, provider, clock] = [new Side(), new Side(), turnedClock()]
  let isNearlyUsed = false
  const slices: Slices = {
    used: () => void (isNearlyUsed = true),
    get isNearlyUsed() {
      return isNearlyUsed
    },
    enlarge: async () => {
      await room
      isNearlyUsed = false
    },
    abandon: () => {},
    settle: () => {},
  }
  const session = openSession({
    client,
    clientIdleMs: 1_000,
    provider,
    slices,
    clock,
    words: {
      worded: (text) => text,
      hear: (text) => (text === 'used' ? { usage: noUsage } : {}),
      isAllTold: true,
      problemEvent: () => undefined,
    },
    fromClient: new SocketReader(true),
    said: [],
    keptAs: () => {},
    sent: () => {},
    guard: undefined,
  })
  return { client, provider, clock, session }
}

describe('a session', () => {
  it('hears nothing of its client while more is set aside, also when its provider takes what waited', async () => {
    const room = Promise.withResolvers<void>()
    const { client, provider } = open(room.promise)
    provider.isReading = false
    client.says(ofClient(long))
    await turn()
    provider.says(textFrame('used'))
    await turn()
    provider.reads()
    await turn()
    client.says(ofClient('more'))
    await turn()
    expect(provider.taken.length).toBe(1)
    room.resolve()
    await turn()
    expect(provider.taken.length).toBe(2)
  })

  it('hears nothing of its client when more is set aside, while its provider takes nothing', async () => {
    const { client, provider } = open()
    provider.isReading = false
    client.says(ofClient(long))
    await turn()
    provider.says(textFrame('used'))
    await turn()
    client.says(ofClient('more'))
    await turn()
    expect([provider.writableLength > long.length, client.readableLength > 0]).toEqual([true, true])
    provider.reads()
    await turn()
    await turn()
    expect(provider.taken.length).toBe(2)
  })

  it('fault 40: ends where its client takes nothing of what waits for it, and not where it reads in time', async () => {
    const { client, provider, clock, session } = open()
    client.isReading = false
    for (let place = 0; place < 20; place++) provider.says(textFrame(long))
    await turn()
    expect([provider.isPaused(), client.listenerCount('drain')]).toEqual([true, 1])
    clock.turn(999)
    client.reads()
    await turn()
    clock.turn(1_000)
    expect([client.destroyed, provider.isPaused()]).toEqual([false, false])
    client.isReading = false
    provider.says(textFrame(long))
    await turn()
    clock.turn(1_000)
    await session.over
    expect(client.destroyed).toBe(true)
  })
})
