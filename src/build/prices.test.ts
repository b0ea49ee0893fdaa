import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sourcesOnDisk } from '../config/sources.ts'
import { readConfigText } from './config-file.ts'
import { openPrices } from './prices.ts'

describe('a trial prices file', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'weir-prices-'))
    for (const name of ['named', 'other']) writeFileSync(join(dir, `${name}.yaml`), priceFile(name))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it("takes the place of the config's file of its name", () => {
    expect(layersWith('named.yaml')).toEqual(['prices-file@sent'])
  })

  it('lies above all of them where there is none', () => {
    expect(layersWith('new.yaml')).toEqual(['prices-file@sent', 'prices-file@named'])
  })

  it('is read as it was sent whatever its name says, and never from the disk', () => {
    for (const name of [join(dir, 'other.yaml'), './other.yaml', '/nowhere/other.yaml', dir])
      expect([name, layersWith(name)]).toEqual([name, ['prices-file@sent', 'prices-file@named']])
  })

  function layersWith(name: string): readonly string[] {
    const config = readConfigText(
      'prices: file:named.yaml\nproviders: { it: { kind: simulated } }\n',
      'weir.yaml',
    ).value
    const opened = openPrices(config, new Map(), sourcesOnDisk({}, dir), { name, text: priceFile('sent') })
    if (!opened.ok) throw new Error(opened.problem)
    return opened.book.layersOf({ providerName: 'it', modelName: 'm' }, 0).map(({ layer }) => layer)
  }
})

function priceFile(version: string): string {
  return `version: "${version}"\ncheckedAt: 2026-11-01\nprices: { it: { m: { input: "1", output: "1" } } }\n`
}
