import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { proofMs, proofSize } from '../../../test/proof/size.ts'
import { turnedClock } from '../../../test/turned-clock.ts'
import type { Stores } from '../ports/stores.ts'
import { LedgerBench, type LawfulLedger } from './ledger-bench.ts'
import { ledgerMoves } from './ledger-moves.ts'

/**
 * The one suite that every kind of ledger passes, on a real store: stories of up to sixty moves, drawn at random, against a model
 * that adds everything up anew.
 */
export function ledgerLaws(name: string, openStores: (dir: string) => Promise<Stores>, kind: LawfulLedger): void {
  describe(name, () => {
    let dir = ''
    let stores: Stores
    let stories = 0
    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'weir-ledger-'))
      stores = await openStores(dir)
    })
    afterAll(async () => {
      await stores.close()
      rmSync(dir, { recursive: true })
    })
    const holds = async (mostAccounts: number) => {
      const story = fc.asyncProperty(ledgerMoves, async (moves) => {
        stories += 1
        const bench = new LedgerBench(kind, { clock: turnedClock(), stores, mostAccounts }, `story${stories}`)
        await bench.play(moves)
      })
      await fc.assert(story, proofSize(20))
    }

    it('I1 I2 I3 I5 I6 I7 I8 I9 I13 I14 I18 I19: is what the model says, whatever happens', () => holds(100), proofMs)

    it(
      'is so too when it has hardly room for accounts in memory, and reads them again and again',
      () => holds(2),
      proofMs,
    )
  })
}
