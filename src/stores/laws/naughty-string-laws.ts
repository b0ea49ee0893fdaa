import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isLabelName, isLabelValue } from '../../canonical/metadata.ts'
import { corpusDir, reportMissingCorpus } from '../../../test/corpus.ts'
import type { LawBench } from './law-bench.ts'
import { sampleEvent, sampleOrganisation, sampleRecord, sampleTeam } from './sample-records.ts'

export function naughtyStringLaws(bench: LawBench): void {
  it('A1: naughty strings come back as they went in, as names, labels and audit details', async () => {
    const strings = naughtyStrings()
    await bench.append(
      ...strings.map((text, index) =>
        sampleRecord({ requestId: `r${index}`, team: text, endUser: text, metadata: JSON.stringify({ [text]: text }) }),
      ),
    )
    expect((await bench.sums(['team'])).map(({ groups }) => groups.team).toSorted()).toEqual(strings.toSorted())
    for (const [index, text] of strings.entries()) {
      expect(await bench.sums([], { team: text })).toMatchObject([{ requests: 1 }])
      const metadata = JSON.stringify({ [text]: text })
      expect(await bench.stores.usage.ofRequest(`r${index}`)).toMatchObject([{ team: text, endUser: text, metadata }])
      if (!isLabelName(text) || !isLabelValue(text)) continue
      const label = `metadata.${text}` as const
      const where = { [label]: text, endUser: text }
      expect(await bench.sums([label], where)).toMatchObject([{ requests: 1, groups: { [label]: text } }])
    }

    // Each change waits for the disk, so only some of them are names; all of them are models.
    const names = strings.filter((_, index) => index % 7 === 0)
    await bench.change({
      kind: 'put-entity',
      entity: { ...sampleOrganisation('acme'), models: strings },
      mustBeNew: true,
    })
    for (const text of names) {
      const put = { kind: 'put-entity', entity: sampleTeam(text, 'acme', [text]), mustBeNew: true } as const
      await bench.change(put, { ...sampleEvent, target: text, detail: JSON.stringify({ text }) })
    }
    await bench.reopen()
    const [acme, ...teams] = bench.stores.directory.contents().entities
    expect(acme?.models).toEqual(strings)
    expect(teams.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
    expect(teams.every(({ name, models }) => models?.[0] === name)).toBe(true)
    const entries = await bench.stores.audit.list({ afterSequence: 1, limit: 1000 })
    expect(entries.map(({ target }) => target)).toEqual(names)
    expect(await bench.stores.audit.verify()).toMatchObject({ isIntact: true })
  })
}

/** Distinct ones: two teams cannot have one name. */
function naughtyStrings(): readonly string[] {
  const own = [
    '',
    "' OR '1'='1",
    '"; DROP TABLE entities; --',
    'NUL \0 inside',
    '\u202eright to left',
    '👩‍👩‍👧',
    '__proto__',
  ]
  if (corpusDir === undefined) {
    reportMissingCorpus('the law on naughty strings')
    return own
  }
  const listed: unknown = JSON.parse(readFileSync(join(corpusDir, 'bad-inputs', 'naughty-strings.json'), 'utf8'))
  if (!Array.isArray(listed)) throw new Error('naughty-strings.json is not a list')
  return [...new Set([...own, ...listed.map(String)])].filter((text) => text.isWellFormed())
}
