import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { dialectsDoc, dialectsDocPath } from '../../scripts/write-dialects-doc.ts'
import { dialects } from '../../src/dialects/all.ts'
import exceptions from '../../src/dialects/laws/exceptions.json' with { type: 'json' }
import { judge, type Exception } from '../../src/dialects/laws/exceptions.ts'
import type { Effort } from '../../src/dialects/laws/law.ts'
import { fullEffort } from '../../src/dialects/laws/run-laws.ts'
import { corpusDir, reportMissingCorpus } from '../corpus.ts'
import { members, runEverything } from './run-everything.ts'
import { denominators, rateOf, tableText } from './table.ts'

/** `npm run laws` cuts each stream in 200 ways; here fewer must do, for time. All else is the same. */
const effort: Effort = { ...fullEffort, cutsPerStream: 20 }
const leastPassRate = 0.97
const leastCases = 20

describe('the laws of translation', () => {
  if (corpusDir === undefined) reportMissingCorpus('the laws of translation')
  const everything = runEverything(effort)
  const listed: readonly Exception[] = exceptions
  const judgement = judge(everything.results, listed, corpusDir !== undefined)

  it('are asked of every dialect that translates, with enough cases of our own', () => {
    const translating = Object.values(dialects).filter(({ translation }) => translation !== undefined)
    const asked = members().filter(({ material }) => material.golden.length >= leastCases)
    expect(asked.map(({ subject }) => subject.name)).toEqual(translating.map(({ name }) => name))
  })

  it('hold for every exchange, but for listed exceptions', () => {
    console.log(`${denominators(everything)}\n\n${tableText(judgement)}`)
    expect(judgement.unlistedFailures).toEqual([])
  })

  it('need every exception that is listed', () => {
    expect(judgement.needless).toEqual([])
    for (const { reason, ids } of listed) {
      expect(reason.length).toBeGreaterThan(40)
      expect(ids.length).toBeGreaterThan(0)
    }
  })

  // One of a dozen cases of our own would be more than the rest may fail.
  it.skipIf(corpusDir === undefined)('hold for nearly everything without an exception, dialect by dialect', () => {
    const short = judgement.table.filter((row) => rateOf([row]) < leastPassRate)
    expect(short).toEqual([])
  })

  it.skipIf(corpusDir === undefined)('are told in docs/dialects.md as they came out', () => {
    const committed = existsSync(dialectsDocPath) ? readFileSync(dialectsDocPath, 'utf8') : ''
    expect(committed === dialectsDoc(everything.told), 'run node scripts/write-dialects-doc.ts').toBe(true)
  })
})
