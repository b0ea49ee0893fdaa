import assert from 'node:assert/strict'
import { rawAnswers } from '../raw-answers.ts'
import type { Step } from '../script.ts'
import { limits, texts } from '../surroundings.ts'
import { checkRecords, readAnswer, type ClientDialect, type FaultCase, type Trial } from '../trial.ts'

const headEnd: Step = { kind: 'pass-through', words: '\r\n\r\n' }
const dialects = ['chat', 'messages'] as const

/** What breaks an answer off. */
export const cutCases: readonly FaultCase[] = [
  {
    fault: 6,
    name: 'fault 6: a reset after the head and before the first event -> the next target answers, two attempts are recorded',
    run: async ({ house, ask, ends }) => {
      for (const dialect of dialects)
        for (const stream of [false, true]) {
          house.around.one.nextCall({ down: [headEnd, { kind: 'end', how: 'reset' }] })
          const { status, text, records } = await ends(ask('pair', { dialect, stream }))
          assert.deepEqual([status, readAnswer(text, dialect, stream)], [200, { text: texts.two, isEnded: true }])
          checkRecords(records, [
            {
              provider: 'one',
              status: 'failed',
              errorKind: 'upstream_cut',
              httpStatus: records[0]?.httpStatus ?? null,
            },
            { provider: 'two', status: 'ok', usageSource: 'provider' },
          ])
          await house.around.one.hangUp()
        }
    },
  },
  {
    fault: 7,
    name: 'fault 7: a reset mid stream -> S1 an error in band, no ordinary end, S2 no second try, at least what was delivered is counted',
    run: (trial) => cutMidStream(trial, 'reset'),
  },
  {
    fault: 8,
    name: 'fault 8: a FIN without the terminal event -> as a reset: S1 an error in band, and no ordinary end',
    run: async (trial) => {
      await cutMidStream(trial, 'fin')
      const { house, ask, ends } = trial
      house.around.rawAnswers.push(rawAnswers.endsWithoutLastFrame())
      const { text, records } = await ends(ask('raw', { stream: true }))
      checkCut(text, 'chat', 'raw says')
      checkRecords(records, [{ status: 'truncated', errorKind: 'upstream_cut', usageSource: 'estimated' }])
    },
  },
  {
    fault: 9,
    name: 'fault 9: half-open, silence -> before the first byte the next target, S4; after it an idle timeout in band, S1',
    run: async (trial) => {
      const { house, ask, ends } = trial
      for (const silent of [[], [headEnd]]) {
        house.around.one.nextCall({ down: [...silent, { kind: 'end', how: 'silence' }] })
        const { status, text, records } = await ends(ask('pair', { stream: true }), limits.firstByteMs / 4)
        assert.deepEqual([status, readAnswer(text, 'chat', true)], [200, { text: texts.two, isEnded: true }])
        checkRecords(records, [
          { status: 'failed', errorKind: 'upstream_timeout', usageSource: records[0]?.usageSource ?? 'partial' },
          { status: 'ok', provider: 'two' },
        ])
      }
      await cutMidStream(trial, 'silence')
    },
  },
]

/** In both dialects, untranslated and translated. */
async function cutMidStream(trial: Trial, how: 'reset' | 'fin' | 'silence'): Promise<void> {
  const errorKind = how === 'silence' ? 'upstream_timeout' : 'upstream_cut'
  for (const alias of ['pair', 'crossed'])
    for (const dialect of dialects) {
      const seen = Promise.withResolvers<void>()
      trial.house.around.one.nextCall({
        down: [
          { kind: 'pass-through', words: 'one_6' },
          // A reset overtakes what its reader has not read yet.
          { kind: 'hold', until: seen.promise },
          { kind: 'end', how },
        ],
      })
      const asked = trial.ask(alias, { dialect, stream: true })
      await asked.saw('one_5')
      seen.resolve()
      const { text, records } = await trial.ends(asked, limits.idleMs / 4)
      checkCut(text, dialect, texts.one.slice(0, texts.one.indexOf('one_5') + 5))
      const [record] = records
      checkRecords(records, [
        { status: 'truncated', failureClass: 'partial', errorKind, usageSource: record?.usageSource ?? 'partial' },
      ])
      assert.ok(record && record.usageSource !== 'provider' && record.outputText >= 6, `only ${record?.outputText}`)
      await trial.house.around.one.hangUp()
    }
}

/** Begins as the answer does, and ends with an error in the client's own dialect, and with nothing that looks like an end. */
function checkCut(text: string, dialect: ClientDialect, atLeast: string): void {
  const answer = readAnswer(text, dialect, true)
  assert.ok(answer.text.startsWith(atLeast), text)
  assert.ok(!answer.isEnded, text)
  assert.match(text, dialect === 'chat' ? /data: \{"error":\{[^\n]*\}\n\n$/ : /event: error\ndata: [^\n]*\n\n$/)
}
