import { expect, it } from 'vitest'
import { sharesToMove } from './balance.ts'

const work = (calls: number, connections = 64) => ({ calls, connections })

it('moves from whoever has much more than the others what it has more', () => {
  expect(sharesToMove([work(900), work(100)])).toEqual([4 / 9, 0])
  expect(sharesToMove([work(600), work(600), work(0)])).toEqual([1 / 3, 1 / 3, 0])
})

it('moves nobody where the difference may be chance, the load is small, or a few connections carry it all', () => {
  expect(sharesToMove([work(550), work(450)])).toEqual([0, 0])
  expect(sharesToMove([work(60), work(0)])).toEqual([0, 0])
  expect(sharesToMove([work(5_000, 3), work(0)])).toEqual([0, 0])
  expect(sharesToMove([work(900)])).toEqual([0])
  expect(sharesToMove([])).toEqual([])
})

it('comes to even shares within some rounds, although half of those that are sent away come back', () => {
  let [one, other] = [5_000, 100]
  for (let round = 0; round < 6; round += 1) {
    const [share = 0] = sharesToMove([work(one), work(other)])
    const moved = (one * share) / 2
    ;[one, other] = [one - moved, other + moved]
  }
  expect(one / other).toBeLessThan(1.7)
})
