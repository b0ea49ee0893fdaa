import { expect, it } from 'vitest'
import type { LinkMessage } from './link.ts'
import { packBatch, unpackBatch } from './pack-batch.ts'

const take = (id: number): LinkMessage => ({
  kind: 'ask',
  id,
  verb: 'take-limit',
  takes: { takeId: id, rules: [0, 1] },
})
const settle: LinkMessage = { kind: 'tell', name: 'settle-limit', note: { takeId: 1, used: { input: 1, output: 2 } } }
const taken: LinkMessage = {
  kind: 'answer',
  id: 1,
  verb: 'take-limit',
  value: { kind: 'taken', counts: [0, 1, 60_000] },
}
/** Amounts of money are no JSON. */
const reserve: LinkMessage = { kind: 'ask', id: 9, verb: 'reserve', takes: { most: { nanos: 5n } } }
const refusal: LinkMessage = {
  kind: 'refusal',
  id: 2,
  problem: { kind: 'overloaded', message: 'no room', details: undefined, stack: undefined } as never,
}

it.each([
  ['nothing', [], 0],
  ['plain messages only', [take(1), settle, taken], 1],
  ['one that is not plain between plain ones', [take(1), settle, reserve, take(2)], 3],
  ['none that are plain', [reserve, refusal], 2],
] as const)('a batch of %s arrives as it was, in its order', (_what, batch, pieces) => {
  const packed = packBatch(batch)
  expect(packed).toHaveLength(pieces)
  expect(unpackBatch(structuredClone(packed))).toEqual(batch)
})
