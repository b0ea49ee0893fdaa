import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { faultsOf, tableOf, totalsOf } from './judge.ts'
import { runMatrix } from './run-matrix.ts'

/** `npm run matrix`: every recorded request of a `case`, in its own dialect, to a provider of every dialect. Exit code 1 when one goes wrong. */
if (corpusDir === undefined) reportMissingCorpus('the matrix')
const findings = await runMatrix(1)
console.log(tableOf(findings))
console.log('right/sent + of those with the answer that was recorded for the same request (refused)')
console.log(totalsOf(findings))
const faults = faultsOf(findings)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length > 0 ? 1 : 0
