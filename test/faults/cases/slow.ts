import assert from 'node:assert/strict'
import type { Step } from '../script.ts'
import { texts } from '../surroundings.ts'
import { checkRecords, readAnswer, type FaultCase } from '../trial.ts'

const headEnd: Step = { kind: 'pass-through', words: '\r\n\r\n' }

/** What takes its time. */
export const slowCases: readonly FaultCase[] = [
  {
    fault: 10,
    name: 'fault 10: one byte a second -> the deadline for the first byte, or for the whole, ends it',
    run: async ({ house, ask, ends }) => {
      const { one } = house.around
      const drip: Step = { kind: 'drip', bytes: 1, everyMs: 1_000 }
      // No head within the time of a first byte: the next target.
      one.nextCall({ down: [drip] })
      const late = await ends(ask('pair', { stream: true }), 1_000)
      assert.deepEqual(readAnswer(late.text, 'chat', true), { text: texts.two, isEnded: true })
      checkRecords(late.records, [{ status: 'failed', errorKind: 'upstream_timeout' }, { status: 'ok' }])
      // Bytes keep coming, so that it never falls silent: the whole has its own deadline.
      const begun = Promise.withResolvers<void>()
      one.nextCall({ down: [{ kind: 'pass-through', words: 'one_4' }, { kind: 'hold', until: begun.promise }, drip] })
      const asked = ask('pair', { stream: true })
      await asked.saw('one_3')
      begun.resolve()
      const { text, records } = await ends(asked, 1_000)
      assert.ok(text.includes('"code":"upstream_timeout"') && !readAnswer(text, 'chat', true).isEnded, text)
      checkRecords(records, [{ status: 'truncated', errorKind: 'upstream_timeout', usageSource: 'estimated' }])
      const passed = one.calls.findLast(({ down }) => down.includes('one_4'))?.down.length ?? 0
      assert.ok(Buffer.byteLength(text) <= passed + 1_000, 'more came out than went in')
    },
  },
  {
    fault: 11,
    name: 'fault 11: 120 s to the first token -> works where it is configured, can be cancelled, and fails over where it is not',
    run: async ({ house, ask, ends, booked }) => {
      const { one } = house.around
      const late = { down: [{ kind: 'wait', delayMs: 120_000 }] } as const
      one.nextCall(late)
      const patient = await ends(ask('patient', { stream: true }), 10_000)
      assert.deepEqual(readAnswer(patient.text, 'chat', true), { text: texts.one, isEnded: true })
      checkRecords(patient.records, [{ status: 'ok', usageSource: 'provider' }])

      one.nextCall(late)
      const cancelled = ask('patient', { stream: true })
      const called = one.calls.length
      while (one.calls.length === called) await house.moment()
      cancelled.leave('fin')
      assert.equal((await cancelled.over).status, 0)
      checkRecords((await booked(cancelled)).records, [
        { status: 'aborted', failureClass: 'unknown', usageSource: 'worst_case' },
      ])

      one.nextCall({ down: [headEnd, ...late.down] })
      const impatient = await ends(ask('pair', { stream: true }), 10_000)
      assert.deepEqual(readAnswer(impatient.text, 'chat', true), { text: texts.two, isEnded: true })
      checkRecords(impatient.records, [{ status: 'failed', errorKind: 'upstream_timeout' }, { status: 'ok' }])
    },
  },
]
