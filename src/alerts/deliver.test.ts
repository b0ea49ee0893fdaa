import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { turnedClock, type TurnedClock } from '../../test/turned-clock.ts'
import { openEmbedded, type EmbeddedStores } from '../stores/embedded/open-embedded.ts'
import type { Alerts } from '../stores/ports/alerts.ts'
import { openDeliveries, type Deliveries, type DeliveryTold } from './deliver.ts'
import { post } from './post.ts'
import { openReceiver, type Receiver } from './receiver.ts'

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
const timeoutMs = 1_000
let dir = ''
let clock: TurnedClock
let stores: EmbeddedStores
let well: Hook
let silent: Hook
let deliveries: Deliveries | undefined
const told: DeliveryTold[] = []
const problems: unknown[] = []

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'weir-deliver-'))
  clock = turnedClock()
  stores = await openEmbedded({ dir, clock, reserveBytes: 8192, onFailure: (failure) => void problems.push(failure) })
  well = await startHook((answer) => answer.writeHead(204).end())
  silent = await startHook(() => {})
  told.length = 0
  problems.length = 0
})
afterEach(async () => {
  await deliveries?.close()
  await stores.close()
  await Promise.all([well.close(), silent.close()])
  rmSync(dir, { recursive: true })
})

describe('deliveries', () => {
  it('a receiver that never answers delays its own alerts only, and has a bounded number of them at once', async () => {
    const first = Array.from({ length: 25 }, (_, place) => `msg_${String(place).padStart(2, '0')}`)
    await note(first, ['silent', 'well'])
    open()
    await eventually(() => well.asked.toSorted()).toEqual(first)
    await eventually(() => silent.asked.toSorted()).toEqual(first.slice(0, 20))

    await note(['msg_25'], ['silent', 'well'])
    deliveries?.wake()
    await eventually(() => told.filter(({ kind }) => kind === 'delivered').length).toBe(26)
    expect(new Set(well.asked).size).toBe(26)
    expect(silent.asked).toHaveLength(20)

    clock.turn(timeoutMs)
    await eventually(() => silent.asked.slice(20).toSorted()).toEqual([...first.slice(20), 'msg_25'])
    const later = () => told.filter(({ kind }) => kind === 'later')
    await eventually(() => later().length).toBe(20)
    expect(
      later()
        .map(({ alertId }) => alertId)
        .toSorted(),
    ).toEqual(first.slice(0, 20))
    expect(new Set(later().map(({ receiver, why }) => `${receiver}: ${why}`))).toEqual(
      new Set([`silent: no answer in ${timeoutMs} ms`]),
    )
    expect(problems).toEqual([])
  })

  it('what was sent while the store failed is sent again a minute later, and holds up no other', async () => {
    await note(['msg_1'], ['well'])
    let isFailing = true
    const failure = new Error('the disk is full')
    open({ tried: (outcome) => (isFailing ? Promise.reject(failure) : stores.alerts.tried(outcome)) })
    await eventually(() => problems).toEqual([failure])

    isFailing = false
    await note(['msg_2'], ['well'])
    deliveries?.wake()
    await eventually(() => told.map(({ alertId }) => alertId)).toEqual(['msg_2'])
    expect(well.asked).toEqual(['msg_1', 'msg_2'])

    clock.turn(60_000)
    await eventually(() => told.map(({ alertId }) => alertId)).toEqual(['msg_2', 'msg_1'])
    expect(well.asked).toEqual(['msg_1', 'msg_2', 'msg_1'])
  })

  it('what is under way when they close stays due, as if it had not been tried', async () => {
    await note(['msg_1'], ['silent'])
    open()
    await eventually(() => silent.asked).toEqual(['msg_1'])
    await deliveries?.close()
    expect((await stores.alerts.due(clock.nowMs(), 1)).deliveries).toMatchObject([{ alertId: 'msg_1', attempts: 0 }])
    expect(told).toEqual([])
  })
})

/** The disk of a busy machine takes its time. */
const eventually = <Value>(seen: () => Value) => expect.poll(seen, { timeout: 20_000 })

function open(change: Partial<Pick<Alerts, 'tried'>> = {}): void {
  const receivers = new Map([
    ['well', receiverAt('well', well)],
    ['silent', receiverAt('silent', silent)],
  ])
  deliveries = openDeliveries({
    clock,
    alerts: { due: stores.alerts.due, tried: stores.alerts.tried, ...change },
    receivers: () => receivers,
    post,
    onOutcome: (one) => void told.push(one),
    onProblem: (problem) => void problems.push(problem),
  })
}

function receiverAt(name: string, { url }: Hook): Receiver {
  const receiver = openReceiver(name, { url, timeoutMs }, secret)
  if (typeof receiver === 'string') throw new Error(receiver)
  return receiver
}

async function note(ids: readonly string[], receivers: readonly string[]): Promise<void> {
  const atMs = clock.nowMs()
  const alerts = ids.map((id) => ({ id, atMs, accountId: id, percent: undefined, body: '{}' }))
  expect(await stores.alerts.note(alerts, receivers)).toHaveLength(ids.length)
}

interface Hook {
  readonly url: string
  /** Ids of alerts, in the order in which they came. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

async function startHook(respond: (answer: ServerResponse) => void): Promise<Hook> {
  const asked: string[] = []
  const server: Server = createServer((incoming, answer) => {
    asked.push(String(incoming.headers['webhook-id']))
    incoming.resume().on('end', () => respond(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
    asked,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
