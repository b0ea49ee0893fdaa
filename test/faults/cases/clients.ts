import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { openFaultProxy } from '../proxy.ts'
import { rawAnswers } from '../raw-answers.ts'
import { limits } from '../surroundings.ts'
import { checkRecords, type FaultCase, type Trial } from '../trial.ts'

/** What clients do. */
export const clientCases: readonly FaultCase[] = [
  {
    fault: 39,
    name: 'fault 39: a client that goes away at any phase, by FIN or reset -> exactly one record, and the provider is let go',
    run: async (trial) => {
      for (const how of ['fin', 'reset'] as const) {
        await leaveBeforeTheCall(trial, how)
        await leaveAtDispatch(trial, how)
        for (const words of ['one_0', 'one_6']) await leaveMidStream(trial, how, words)
        await leaveAtTheEnd(trial, how)
      }
    },
  },
  {
    fault: 40,
    name: 'fault 40: a client that reads one byte a second for ten minutes -> N6 its provider is held up, and the deadline ends it',
    run: async (trial) => {
      const { house, ask, booked } = trial
      const { raw, rawAnswers: next } = house.around
      const floodBytes = 128 * 1024 * 1024
      next.push(rawAnswers.flood(floodBytes))
      await using door = await openFaultProxy({ to: house.origin, clock: house.clock })
      door.nextCall({ down: [{ kind: 'drip', bytes: 1, everyMs: 1_000 }] })
      const slow = ask('raw', { stream: true, origin: door.origin })
      const written = () => [...raw.sockets].at(-1)?.bytesWritten ?? 0
      while (written() === 0) await house.moment()
      for (let last = -1; last !== written();) {
        last = written()
        await house.elapse(5_000)
      }
      // What was let out is in the buffers of the system, on three connections.
      assert.ok(written() < floodBytes / 2, `the provider was let run: ${written()} bytes`)
      await house.elapse(limits.totalMs)
      checkRecords((await booked(slow)).records, [
        { status: 'truncated', errorKind: 'upstream_timeout', usageSource: 'estimated' },
      ])
      slow.leave('reset')
      assert.equal((await slow.over).isWhole, false)
    },
  },
]

/** While it connects, in its head, in its body: nothing was asked of a provider. */
async function leaveBeforeTheCall({ house }: Trial, how: 'fin' | 'reset'): Promise<void> {
  const { one } = house.around
  const before = one.calls.length
  const head =
    `POST /v1/chat/completions HTTP/1.1\r\nhost: weir\r\nauthorization: Bearer ${house.key}\r\n` +
    'content-type: application/json\r\ncontent-length: 1000\r\n\r\n'
  for (const sent of ['', head.slice(0, 40), head, `${head}{"model":"alone/0","messages":[`]) {
    const gone = goneExchanges(house.logged())
    const socket = net.connect(Number(new URL(house.origin).port), '127.0.0.1')
    await once(socket, 'connect')
    if (sent !== '') await new Promise((resolve) => socket.write(sent, resolve))
    // A turn of the gateway takes the connection, a later one reads it; each answer here shows that one more has passed.
    for (let turn = 0; turn < 4; turn += 1) await (await fetch(`${house.origin}/healthz`)).text()
    if (how === 'fin') socket.destroy()
    else socket.resetAndDestroy()
    // A call whose head came is an exchange, and ends as one.
    const expected = gone + (sent.includes('\r\n\r\n') ? 1 : 0)
    while (goneExchanges(house.logged()) < expected) await house.moment()
    assert.equal(goneExchanges(house.logged()), expected)
  }
  assert.equal(one.calls.length, before)
}

/** The provider has the call, and has said nothing. */
async function leaveAtDispatch({ house, ask, booked }: Trial, how: 'fin' | 'reset'): Promise<void> {
  for (const stream of [false, true]) {
    const { one } = house.around
    const scripted = one.nextCall({ down: [{ kind: 'end', how: 'silence' }] })
    const leaver = ask('calm', { stream })
    await scripted.done
    leaver.leave(how)
    assert.equal((await leaver.over).status, 0)
    checkRecords((await booked(leaver)).records, [
      { status: 'aborted', failureClass: 'unknown', usageSource: 'worst_case', provider: 'one' },
    ])
    while (one.open > 0) await house.moment()
  }
}

async function leaveMidStream({ house, ask, booked }: Trial, how: 'fin' | 'reset', words: string): Promise<void> {
  for (const dialect of ['chat', 'messages'] as const) {
    const { one } = house.around
    one.nextCall({
      down: [{ kind: 'pass-through', words: `${words} `.trimEnd() }, { kind: 'pass', bytes: 200 }, silence],
    })
    const leaver = ask('calm', { stream: true, dialect })
    await leaver.saw(words)
    leaver.leave(how)
    await leaver.over
    const { records } = await booked(leaver)
    checkRecords(records, [{ status: 'aborted', usageSource: records[0]?.usageSource ?? 'estimated' }])
    assert.ok(records[0] && records[0].usageSource !== 'provider' && records[0].outputText > 0)
    while (one.open > 0) await house.moment()
  }
}

const silence = { kind: 'end', how: 'silence' } as const

/** It has all but the last frame; or it has the last frame, and does not wait for the end of the connection. */
async function leaveAtTheEnd({ house, ask, booked }: Trial, how: 'fin' | 'reset'): Promise<void> {
  const { one } = house.around
  one.nextCall({ down: [{ kind: 'pass-through', words: 'one_11' }, { kind: 'pass-through', words: '\n\n' }, silence] })
  const early = ask('calm', { stream: true })
  await early.saw('one_11')
  early.leave(how)
  checkRecords((await booked(early)).records, [{ status: 'aborted', usageSource: 'estimated' }])

  const late = ask('calm', { stream: true })
  await late.saw('[DONE]')
  late.leave(how)
  checkRecords((await booked(late)).records, [{ status: 'ok', usageSource: 'provider' }])
}

function goneExchanges(logged: string): number {
  return logged.split('\n').filter((line) => line.includes('"status":499') && line.includes('"msg":"exchange"')).length
}
