import assert from 'node:assert/strict'
import { rawAnswers, type RawAnswer } from '../raw-answers.ts'
import { texts } from '../surroundings.ts'
import { checkRecords, readAnswer, type Ended, type FaultCase, type Trial } from '../trial.ts'

/** What a provider says that no provider should. */
export const garbageCases: readonly FaultCase[] = [
  {
    fault: 12,
    name: 'fault 12: a malformed line mid stream -> passed by, the rest arrives and is counted; before any content it fails over',
    run: async (trial) => {
      for (const [alias, answer, dialect] of [
        ['raw', rawAnswers.malformedLine, 'chat'],
        ['raw-messages', rawAnswers.malformedMessagesLine, 'messages'],
        ['raw', rawAnswers.malformedLine, 'messages'],
        ['raw-messages', rawAnswers.malformedMessagesLine, 'chat'],
      ] as const) {
        const { text, records } = await says(trial, answer(), alias, { stream: true, dialect })
        assert.deepEqual(readAnswer(text, dialect, true), { text: 'raw says', isEnded: true })
        checkRecords(records, [{ status: 'ok', usageSource: 'provider', outputText: 2 }])
      }
      const { text, records } = await says(trial, rawAnswers.malformedLineFirst(), 'raw-pair', { stream: true })
      assert.deepEqual(readAnswer(text, 'chat', true), { text: texts.two, isEnded: true })
      checkRecords(records, [{ status: 'failed', errorKind: 'upstream_invalid' }, { status: 'ok' }])
    },
  },
  {
    fault: 13,
    name: 'fault 13: a body of truncated JSON with status 200 -> 502, counted at its worst',
    run: async (trial) => {
      for (const answer of [rawAnswers.truncatedJson, rawAnswers.noJson])
        checkInvalid(await says(trial, answer(), 'raw'), { failureClass: 'partial', usageSource: 'worst_case' })
    },
  },
  {
    fault: 14,
    name: 'fault 14: a content-length too long or too short -> 502, and the connection is not used again',
    run: async (trial) => {
      const { raw } = trial.house.around
      checkInvalid(await says(trial, rawAnswers.lengthTooLong(), 'raw'), { failureClass: 'partial' })
      checkInvalid(await says(trial, rawAnswers.lengthTooShort(), 'raw'), { failureClass: 'partial' })
      const connections = raw.connections()
      checkGood(await says(trial, rawAnswers.good(), 'raw'))
      assert.equal(raw.connections(), connections + 1)
    },
  },
  {
    fault: 15,
    name: 'fault 15: content-length and transfer-encoding together -> 502, and the connection is closed',
    run: async (trial) => {
      for (const answer of [rawAnswers.lengthAndChunks, rawAnswers.twoLengths]) {
        const ended = await says(trial, answer(), 'raw')
        checkInvalid(ended, { status: 'failed' })
        while (trial.house.around.raw.sockets.size > 0) await trial.house.moment()
      }
    },
  },
  {
    fault: 16,
    name: 'fault 16: bombs: gzip, a thousand encodings, a zstd run, headers without end -> refused unread, memory stays flat',
    run: async (trial) => {
      const before = process.memoryUsage.rss()
      for (const answer of [
        rawAnswers.gzipBomb,
        rawAnswers.thousandEncodings,
        rawAnswers.zstdRun,
        rawAnswers.headerBomb,
      ])
        checkInvalid(await says(trial, answer(), 'raw'), { status: 'failed' })
      // Where the gateway is in this process, its memory is ours. The bomb alone would be 64 MiB.
      assert.ok(process.memoryUsage.rss() - before < 100 * 1024 * 1024)
      const bare = trial.house.around.raw.calls.every((call) => call.includes('accept-encoding: identity\r\n'))
      assert.ok(bare, 'an encoding was asked for')
    },
  },
  {
    fault: 20,
    name: 'fault 20: an error object with status 200, HTML with status 500 -> told in the client’s words, HTML is not reflected',
    run: async (trial) => {
      const within200 = await says(trial, rawAnswers.errorWithStatus200(), 'raw')
      assert.equal(within200.status, 502)
      checkRecords(within200.records, [{ status: 'failed', failureClass: 'refused', httpStatus: 200 }])
      const inStream = await says(trial, rawAnswers.errorInStream(), 'raw-pair', { stream: true })
      assert.equal(readAnswer(inStream.text, 'chat', true).text, texts.two)
      const afterContent = await says(trial, rawAnswers.errorAfterContent(), 'raw-pair', { stream: true })
      assert.deepEqual(readAnswer(afterContent.text, 'chat', true), { text: 'raw ', isEnded: false })
      assert.match(afterContent.text, /data: \{"error":[^\n]*\n\n$/)
      checkRecords(afterContent.records, [{ status: 'truncated', usageSource: 'estimated' }])
      for (const [alias, dialect] of [
        ['raw', 'chat'],
        ['raw-messages', 'messages'],
      ] as const) {
        const html = await says(trial, rawAnswers.html500(), alias, { dialect })
        assert.equal(html.status, 502)
        assert.equal(html.headers['content-type'], 'application/json')
        assert.ok(!/canary|<html/.test(JSON.stringify(html.headers) + html.text), html.text)
        assert.ok(JSON.parse(html.text))
        checkRecords(html.records, [{ status: 'failed', errorKind: 'upstream_unavailable', httpStatus: 500 }])
      }
    },
  },
  {
    fault: 21,
    name: 'fault 21: a redirect to an internal address -> not followed',
    run: async (trial) => {
      const { two } = trial.house.around
      const connections = two.connections
      const ended = await says(trial, rawAnswers.redirectTo(`${two.origin}/v1/chat/completions`), 'raw')
      checkInvalid(ended, { failureClass: 'refused', httpStatus: 302 })
      assert.ok(!ended.text.includes(two.origin), 'the client was told the address')
      assert.equal(two.connections, connections)
    },
  },
  {
    fault: 22,
    name: 'fault 22: usage absent, null, negative or 10^12 -> M8 M13 an estimate that says so, never zero, never a million millions',
    run: async (trial) => {
      const { ask, ends } = trial
      for (const dialect of ['chat', 'messages'] as const)
        for (const stream of [false, true])
          for (const usage of ['none', 'null', 'negative']) {
            const { status, records } = await ends(ask('odd', { query: `?tokens=9&usage=${usage}`, dialect, stream }))
            assert.equal(status, 200)
            checkEstimate(records, 9)
          }
      const hostile = ['-1', '1e12', '1e400', '"7"', '1.5', 'null'].map(
        (count) => `{"prompt_tokens":${count},"completion_tokens":${count},"total_tokens":${count}}`,
      )
      for (const usage of [...hostile, '[]', '"much"', '{}']) {
        const { status, records } = await says(trial, rawAnswers.usage(usage), 'raw')
        assert.equal(status, 200)
        checkEstimate(records, 3)
      }
    },
  },
]

async function says(
  trial: Trial,
  answer: RawAnswer,
  alias: 'raw' | 'raw-pair' | 'raw-messages',
  settings: Parameters<Trial['ask']>[1] = {},
): Promise<Ended> {
  trial.house.around.rawAnswers.push(answer)
  return trial.ends(trial.ask(alias, settings))
}

function checkInvalid(ended: Ended, record: Parameters<typeof checkRecords>[1][number]): void {
  assert.equal(ended.status, 502, ended.text)
  assert.ok(ended.text.includes('"code":"upstream_invalid"'), ended.text)
  checkRecords(ended.records, [{ errorKind: 'upstream_invalid', ...record }])
}

function checkGood({ status, text, records }: Ended): void {
  assert.deepEqual([status, readAnswer(text, 'chat', false).text], [200, 'raw says this'])
  checkRecords(records, [{ status: 'ok', usageSource: 'provider' }])
}

function checkEstimate(records: Ended['records'], atLeast: number): void {
  const [record] = records
  checkRecords(records, [{ status: 'ok', usageSource: 'estimated' }])
  assert.ok(record && record.inputUncached > 0 && record.outputText >= atLeast && record.outputText < 1_000)
  assert.notEqual(record.costUsd, '0.000000000')
}
