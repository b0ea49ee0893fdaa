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
  dueMs: 1_000,
  firstPieceMs: undefined,
  endedMs: 1_020,
}
const broken: Called = { ...called, status: 0, isFinished: false }

describe('the judgement of a soak', () => {
  it('counts what finished, from the moment it was due; a stream to its first piece', () => {
    const stream: Called = { ...called, kind: 'chat-stream', firstPieceMs: 1_005, endedMs: 1_500 }
    expect(tallyOf([called, stream, stream], [])).toMatchObject({ finished: 3, p50Ms: 5, p99Ms: 20, dropped: [] })
  })

  it('tells a refusal that sheds load from one that drops a call', () => {
    const shed: Called = { ...broken, status: 503, problemCode: 'overloaded' }
    const draining: Called = { ...broken, status: 503, problemCode: 'draining' }
    expect(tallyOf([shed, draining], [])).toMatchObject({ shed: 1, dropped: [draining] })
  })

  it.each([
    ['under way at a kill', 1_010, 0],
    ['on a connection that was just dying', 900, 0],
    ['long after a kill', 500, 1],
    ['before a kill', 1_021, 1],
  ])('counts a call that broke %s apart, or as dropped', (_when, killMs, dropped) => {
    const tally = tallyOf([broken], [killMs])
    expect([tally.dropped.length, tally.killed]).toEqual([dropped, 1 - dropped])
  })
})
