import assert from 'node:assert/strict'
import { limits, texts } from '../surroundings.ts'
import { checkRecords, readAnswer, type FaultCase } from '../trial.ts'

const free = '0.000000000'

/** What goes wrong before or while the call is sent. */
export const connectCases: readonly FaultCase[] = [
  {
    fault: 1,
    name: 'fault 1: connect refused -> the next target answers, and the attempt that was not sent costs nothing',
    run: async ({ house, ask, ends }) => {
      await house.around.one.refuse()
      const { status, text, records } = await ends(ask('pair'))
      await house.around.one.accept()
      assert.equal(status, 200)
      assert.equal(readAnswer(text, 'chat', false).text, texts.two)
      checkRecords(records, [
        {
          provider: 'one',
          status: 'failed',
          errorKind: 'upstream_unavailable',
          failureClass: 'not-sent',
          costUsd: free,
        },
        { provider: 'two', status: 'ok', usageSource: 'provider' },
      ])
    },
  },
  {
    fault: 2,
    name: 'fault 2: a black hole swallows the SYN -> the connect timeout, then the next target; nothing was sent',
    run: async ({ house, ask, ends }) => {
      const beganMs = house.clock.monotonicMs()
      const { status, text, records } = await ends(ask('hole'), limits.connectMs / 4)
      assert.equal(status, 200)
      assert.equal(readAnswer(text, 'chat', false).text, texts.two)
      checkRecords(records, [
        { provider: 'hole', status: 'failed', errorKind: 'upstream_timeout', failureClass: 'not-sent', costUsd: free },
        { provider: 'two', status: 'ok' },
      ])
      assert.ok(house.clock.monotonicMs() - beganMs >= limits.connectMs)
    },
  },
  {
    fault: 3,
    name: 'fault 3: a reset right behind the connect -> tried elsewhere if nothing can have left, else told and not repeated',
    run: async ({ house, ask, ends }) => {
      // Whether the call left before the reset came is for the system to say. Each way has its one right end.
      for (let round = 0; round < 5; round += 1) {
        house.around.one.nextConnection({ kind: 'reset' })
        const { status, records } = await ends(ask('pair', { stream: round % 2 === 1 }))
        const [first] = records
        assert.equal(first?.usageSource === 'worst_case', first?.failureClass === 'unknown')
        if (first?.failureClass === 'not-sent') assert.deepEqual([status, records.length], [200, 2])
        else assert.deepEqual([first?.failureClass, status, records.length], ['unknown', 502, 1])
      }
      // Where the model says so, it is tried elsewhere in any case.
      house.around.one.nextConnection({ kind: 'reset' })
      const { status, records } = await ends(ask('brave'))
      assert.deepEqual([status, records.at(-1)?.provider], [200, 'two'])
    },
  },
  {
    fault: 4,
    name: 'fault 4: a reset in the middle of the body -> unknown, counted at its worst, and not sent again',
    run: async ({ house, ask, ends }) => {
      const { one, provider } = house.around
      const more = { messages: [{ role: 'user', content: 'long '.repeat(800_000) }] }
      one.nextCall({
        up: [
          { kind: 'pass', bytes: 100_000 },
          { kind: 'end', how: 'reset' },
        ],
      })
      const { id, status, text, records } = await ends(ask('pair', { more }))
      assert.equal(status, 502)
      assert.ok(text.includes('"code":"upstream_cut"'), text)
      checkRecords(records, [
        { status: 'failed', failureClass: 'unknown', errorKind: 'upstream_cut', usageSource: 'worst_case' },
      ])
      // The provider never had a whole call, which nobody but itself can know.
      assert.deepEqual(
        provider.log.entries().filter(({ requestId, status: told }) => requestId === id && told > 0),
        [],
      )
    },
  },
  {
    fault: 5,
    name: 'fault 5: a reset after the body and before the head -> S3 not repeated by default, counted at its worst',
    run: async ({ house, ask, ends }) => {
      for (const stream of [false, true]) {
        house.around.one.nextCall({ down: [{ kind: 'end', how: 'reset' }] })
        const { status, text, records } = await ends(ask('pair', { stream }))
        assert.equal(status, 502)
        assert.ok(text.includes('"code":"upstream_cut"'), text)
        checkRecords(records, [{ status: 'failed', failureClass: 'unknown', usageSource: 'worst_case' }])
        await house.around.one.hangUp()
      }
      house.around.one.nextCall({ down: [{ kind: 'end', how: 'fin' }] })
      const brave = await ends(ask('brave'))
      assert.deepEqual([brave.status, brave.records.map(({ provider }) => provider)], [200, ['one', 'two']])
    },
  },
]
