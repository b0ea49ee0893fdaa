import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { describeProblems } from '../config/problem.ts'
import { sourcesOnDisk } from '../config/sources.ts'
import { loadPriceFile, readPriceFile } from './price-file.ts'

const dir = mkdtempSync(join(tmpdir(), 'weir-prices-'))
const disk = sourcesOnDisk({}, dir)
afterAll(() => rmSync(dir, { recursive: true }))

const good = `
version: "2026-11-01"
checkedAt: 2026-11-01
prices:
  openai:
    gpt-6: { input: "1.25", output: "10", cacheRead: "0.125" }
`
const told = (text: string): string => {
  const read = readPriceFile(text, 'prices.yaml')
  return read.ok ? 'ok' : describeProblems(read.problems)
}

describe('a prices file', () => {
  it('is read from YAML', () => {
    expect(readPriceFile(good, 'prices.yaml')).toEqual({
      ok: true,
      file: {
        version: '2026-11-01',
        checkedAt: '2026-11-01',
        prices: { openai: { 'gpt-6': { input: '1.25', output: '10', cacheRead: '0.125' } } },
      },
    })
  })

  it('is read from JSON', () => {
    const prices = { openai: { 'gpt-6': { input: '1', output: '2' } } }
    const json = JSON.stringify({ version: '7', checkedAt: '2026-11-01T10:00:00Z', prices }, undefined, 2)
    expect(readPriceFile(json, 'prices.json')).toMatchObject({ ok: true, file: { prices } })
  })

  // S10: a bad file is refused whole, with the place, and never half taken.
  it.each([
    [
      'a number where money must be text',
      good.replace('"1.25"', '1.25'),
      /prices\.yaml:6:\d+ {2}prices\.openai\.gpt-6\.input/,
    ],
    [
      'two patterns of which neither is the longer',
      `${good}    gpt-*: { input: "1", output: "1" }\n    "*-pro": { input: "9", output: "9" }\n`,
      /prices\.yaml:8:\d+ {2}prices\.openai\["\*-pro"\] {2}the patterns "gpt-\*" and "\*-pro" are equally long/,
    ],
    ['a negative price', good.replace('"1.25"', '"-1.25"'), /plain decimal/],
    ['a missing price', good.replace(', output: "10"', ''), /gpt-6\.output.*must be given/],
    ['an unknown key', good.replace('cacheRead', 'cacheReed'), /did you mean "cacheRead"/],
    ['a key given twice', `${good}    gpt-6: { input: "1", output: "1" }\n`, /given twice/],
    ['no version', good.replace(/version.*\n/, ''), /version.*missing/],
    ['a version that is a number', good.replace('"2026-11-01"', '7'), /version/],
    ['no date', good.replace('checkedAt: 2026-11-01', 'checkedAt: lately'), /checkedAt/],
    ['a pattern of two stars', good.replace('gpt-6:', '"g*t-*":'), /more than one \*/],
    [
      'falling tiers',
      good.replace(' }', ', tiers: [{ contextOver: 9, rates: { output: "1" } }] }'),
      /tiers\[0\].*cheaper/,
    ],
    ['no text', '', /holds no settings/],
    ['text of another kind', '<html></html>', /expected a map/],
    ['a broken end', '{ "version": "1", "prices": {', /never closed/],
  ])('with %s is refused, naming the place', (_, text, message) => {
    expect(told(text)).toMatch(message)
  })

  it('with more rows than there are models is refused (S10)', () => {
    const row = { input: '1', output: '1' }
    const rows = Object.fromEntries(Array.from({ length: 10_001 }, (__, place) => [`m${place}`, row]))
    const json = JSON.stringify({ version: '1', checkedAt: '2026-11-01', prices: { p: rows } })
    expect(told(json)).toMatch(/10001 rows, and at most 10000/)
  })

  it('is loaded from disk', () => {
    const path = join(dir, 'good.yaml')
    writeFileSync(path, good)
    expect(loadPriceFile(path, disk).ok).toBe(true)
  })

  it('that is too large is not even read (S10)', () => {
    const path = join(dir, 'large.yaml')
    writeFileSync(path, good)
    truncateSync(path, 2 ** 21)
    expect(loadPriceFile(path, disk)).toMatchObject({
      ok: false,
      problems: [{ message: 'the file large.yaml is larger than 1048576 bytes' }],
    })
  })

  it('that is missing or a folder is a problem that names the file, not its folder', () => {
    const missing = loadPriceFile(join(dir, 'missing.yaml'), disk)
    expect(missing).toMatchObject({
      ok: false,
      problems: [{ fileName: 'missing.yaml', message: 'there is no file missing.yaml' }],
    })
    expect(JSON.stringify(missing)).not.toContain(dir)
    expect(loadPriceFile(dir, disk)).toMatchObject({
      ok: false,
      problems: [{ message: `${basename(dir)} is not a regular file` }],
    })
  })
})
