import { describe, expect, it } from 'vitest'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { faultsOf, tableOf, totalsOf } from './judge.ts'
import { runMatrix } from './run-matrix.ts'

/** `npm run matrix` sends all of them; here a part must do, for time, and all where there are only our own. */
const everyNth = corpusDir === undefined ? 1 : 16

describe('what one client says, said to every provider', () => {
  it('is taken by its published schema, and its answer is read by the client’s SDK as by the provider’s own', async () => {
    if (corpusDir === undefined) reportMissingCorpus('what one client says, said to every provider')
    const findings = await runMatrix(everyNth)
    console.log(`${tableOf(findings)}\n${totalsOf(findings)}`)
    expect(faultsOf(findings)).toEqual([])
  }, 120_000)
})
