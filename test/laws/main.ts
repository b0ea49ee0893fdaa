import { parseArgs } from 'node:util'
import exceptions from '../../src/dialects/laws/exceptions.json' with { type: 'json' }
import { judge, type Exception } from '../../src/dialects/laws/exceptions.ts'
import { fullEffort } from '../../src/dialects/laws/run-laws.ts'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { runEverything } from './run-everything.ts'
import { denominators, passRates, tableText } from './table.ts'

/**
 * `npm run laws [-- --json --details --law 'part of a name']`: every law on everything that was recorded. Exit code 1 when something fails
 * that is not listed, or something listed does not fail.
 */
const { values } = parseArgs({
  options: { json: { type: 'boolean' }, details: { type: 'boolean' }, law: { type: 'string' } },
})
if (corpusDir === undefined) reportMissingCorpus('the laws')
const everything = runEverything(fullEffort, true, values.law)
const listed: readonly Exception[] = exceptions
const judgement = judge(everything.results, listed, corpusDir !== undefined && values.law === undefined)
const { table, unlistedFailures, needless } = judgement

console.log(denominators(everything))
console.log(`\n${tableText(judgement)}\n`)
for (const [law, ms] of everything.lawMs) console.log(`${(ms / 1000).toFixed(1).padStart(7)} s  ${law}`)
const groups = Map.groupBy(unlistedFailures, ({ law, row, what }) => `${law} | ${row} | ${what}`)
console.log(
  `\n${unlistedFailures.length} unlisted failures of ${groups.size} sorts, ${needless.length} needless exceptions`,
)
for (const [sort, failures] of [...groups].toSorted(([, left], [, right]) => right.length - left.length)) {
  console.log(`${String(failures.length).padStart(5)}  ${sort}`)
  for (const { id, detail } of failures.slice(0, values.details ? 3 : 1)) console.log(`         ${id}: ${detail}`)
}
for (const key of needless) console.log(`needless: ${key}`)

if (values.json) {
  const byLaw = Map.groupBy(table, ({ law }) => law)
  const told = [...byLaw].map(([law, rows]) => [
    law,
    Object.fromEntries(
      rows.map(({ row, holders, passed, listed: excused, unlisted }) => [
        row,
        { holders, passed, listed: excused, unlisted },
      ]),
    ),
  ])
  console.log(
    JSON.stringify({
      laws: Object.fromEntries(told),
      passRate: passRates(judgement),
      unlistedFailures: unlistedFailures.length,
      needlessExceptions: needless.length,
    }),
  )
}
process.exitCode = unlistedFailures.length + needless.length > 0 ? 1 : 0
