import { expect, it } from 'vitest'
import { Balancer, type Work } from './balance.ts'

const work = (calls: number, { connections = 64, overMs = 2_000 }: Partial<Work> = {}): Work => ({
  calls,
  overMs,
  connections,
})
const once = (...works: readonly Work[]) => new Balancer().sharesToMove(works)

it('moves from whoever has much more than the others what it has more', () => {
  expect(once(work(900), work(100))).toEqual([4 / 9, 0])
  expect(once(work(600), work(600), work(0)).map((share) => share.toFixed(6))).toEqual([
    '0.333333',
    '0.333333',
    '0.000000',
  ])
})

it('goes by calls in a time: who serves since a moment, or answered late, has not less or more to do for that', () => {
  expect(once(work(900), work(225, { overMs: 500 }))).toEqual([0, 0])
  expect(once(work(900), work(1_800, { overMs: 4_000 }))).toEqual([0, 0])
  expect(once(work(900), work(0, { overMs: 0 }))).toEqual([0, 0])
})

it('moves nobody where the difference may be chance, or a few connections carry it all', () => {
  expect(once(work(550), work(450))).toEqual([0, 0])
  expect(once(work(26), work(14))).toEqual([0, 0])
  expect(once(work(5_000, { connections: 3 }), work(0))).toEqual([0, 0])
  expect(once(work(900))).toEqual([0])
  expect(once()).toEqual([])
})

it('comes to even shares within some rounds, although half of those that are sent away come back', () => {
  const balancer = new Balancer()
  let [one, other] = [5_000, 100]
  for (let round = 0; round < 16; round += 1) {
    const [share = 0] = balancer.sharesToMove([work(one), work(other)])
    const moved = (one * share) / 2
    ;[one, other] = [one - moved, other + moved]
  }
  expect(one / other).toBeLessThan(1.7)
})

it('tries ever more seldom where it does not help, and anew once it was not needed', () => {
  const balancer = new Balancer()
  const uneven = [work(900), work(100)]
  const moves = Array.from({ length: 16 }, () => balancer.sharesToMove(uneven)[0] !== 0)
  expect(moves.flatMap((isMove, round) => (isMove ? [round] : []))).toEqual([0, 1, 3, 7, 15])
  balancer.sharesToMove([work(500), work(500)])
  expect(balancer.sharesToMove(uneven)).toEqual([4 / 9, 0])
})
