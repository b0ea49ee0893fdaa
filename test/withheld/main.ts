import { parseArgs } from 'node:util'
import { writeTable } from '../../src/cli/table.ts'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { measureWithheld, streamsToMeasure, type Withheld } from './measure.ts'

/*
 * How much of a stream the rules hold back:
 *
 *     npm run withheld              # every stream of our own and, with a corpus, every recorded one, through all local rules
 *     npm run withheld -- --json
 */
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
if (corpusDir === undefined) reportMissingCorpus('what is withheld')
const withheld = measureWithheld(streamsToMeasure(true), true)
if (values.json) console.log(JSON.stringify(withheld))
else {
  const { streams, deltas, p50, p95, p99, most, byKind } = withheld
  console.log(
    `${streams} streams, ${deltas} deltas: signs held back after each: p50 ${p50}, p95 ${p95}, p99 ${p99}, most ${most}`,
  )
  console.log(
    writeTable<Withheld['byKind'][number]>(
      [
        { title: 'by itself', cell: ({ kind }) => kind },
        { title: 'p50', align: 'right', cell: (one) => String(one.p50) },
        { title: 'p99', align: 'right', cell: (one) => String(one.p99) },
        { title: 'most', align: 'right', cell: (one) => String(one.most) },
      ],
      byKind,
    ),
  )
}
