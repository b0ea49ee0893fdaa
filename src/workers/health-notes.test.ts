import { expect, it } from 'vitest'
import type { HealthNote } from '../routing/health-state.ts'
import { turnedClock } from '../../test/turned-clock.ts'
import { gatherMs, gatherNotes, mostGathered } from './health-notes.ts'

const answered: HealthNote = { kind: 'answered', targetId: 'a/m', credentialId: 'a#0', isStream: true, tookMs: 5 }
const failed: HealthNote = {
  kind: 'failed',
  targetId: 'a/m',
  credentialId: 'a#0',
  fault: 'target',
  errorKind: 'upstream_overloaded',
}

it('gathers what went well, and tells a failure at once, behind what was seen before it', () => {
  const clock = turnedClock()
  const sent: (readonly HealthNote[])[] = []
  const note = gatherNotes(clock, (notes) => sent.push(notes))
  note(answered)
  note(answered)
  expect(sent).toEqual([])
  clock.turn(gatherMs)
  expect(sent).toEqual([[answered, answered]])
  note(answered)
  note(failed)
  expect(sent.slice(1)).toEqual([[answered, failed]])
  clock.turn(gatherMs * 2)
  expect(sent).toHaveLength(2)
})

it('never keeps more than a bounded number', () => {
  const clock = turnedClock()
  const sent: number[] = []
  const note = gatherNotes(clock, (notes) => sent.push(notes.length))
  for (let count = 0; count < mostGathered + 1; count += 1) note(answered)
  expect(sent).toEqual([mostGathered])
})
