import { describe, expect, it } from 'vitest'
import type { Called } from './open-loop.ts'
import { tallyOf } from './tally.ts'

const called: Called = {
  kind: 'chat',
  requestId: 'req_1',
  status: 200,
  problemCode: undefined,
  configVersion: 'c0ffee',
  attempts: 1,
  isFinished: true,
  pieces: 0,
  tellsUsage: true,
  broke: undefined,
  dueMs: 1_000,
  firstPieceMs: undefined,
  endedMs: 1_020,
}
const refused: Called = { ...called, status: 503, isFinished: false }
const broken: Called = { ...called, status: 0, isFinished: false, broke: 'ECONNRESET' }

describe('the judgement of a soak', () => {
  it('counts what finished, from the moment it was due; a stream to its first piece', () => {
    const stream: Called = { ...called, kind: 'chat-stream', firstPieceMs: 1_005, endedMs: 1_500 }
    expect(tallyOf([called, stream, stream], [])).toMatchObject({ finished: 3, p50Ms: 5, p99Ms: 20, dropped: [] })
  })

  it('tells a refusal that sheds load from one that drops a call', () => {
    const shed: Called = { ...refused, problemCode: 'overloaded' }
    const draining: Called = { ...refused, problemCode: 'draining' }
    expect(tallyOf([shed, draining], [])).toMatchObject({ shed: 1, dropped: [draining] })
  })

  it.each([
    ['under way at the kill', broken, { killedMs: 1_010, goneMs: 1_015 }, 0],
    ['due while the worker was dying', broken, { killedMs: 700, goneMs: 1_001 }, 0],
    ['due while it is dying still', broken, { killedMs: 700, goneMs: Infinity }, 0],
    ['due when it was gone', broken, { killedMs: 700, goneMs: 999 }, 1],
    ['over before the kill', broken, { killedMs: 1_021, goneMs: 1_030 }, 1],
    ['refused because nobody listens', { ...broken, broke: 'ECONNREFUSED' }, { killedMs: 1_010, goneMs: 1_030 }, 1],
    [
      'answered with an error at the time',
      { ...refused, problemCode: 'internal' },
      { killedMs: 1_010, goneMs: 1_030 },
      1,
    ],
    ['ended early without a word, by nobody', { ...broken, broke: undefined }, { killedMs: 1_010, goneMs: 1_030 }, 1],
  ] as const)('counts a call that was %s as one of a killed worker, or as dropped', (_what, one, kill, dropped) => {
    const tally = tallyOf([one], [kill])
    expect([tally.dropped.length, tally.killed]).toEqual([dropped, 1 - dropped])
  })
})
