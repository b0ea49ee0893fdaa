import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPriceFile } from '../../src/accounting/price-file.ts'
import { checkConfig } from '../../src/build/check.ts'
import { configSettings } from '../../src/build/settings.ts'
import { loadConfig } from '../../src/config/load.ts'
import { root, pages, codeBlocks } from './read-pages.ts'
import type { CodeBlock } from './read-pages.ts'

describe('the pages', () => {
  it('show whole configs that `weir check` takes, and fragments that a whole config could hold', () => {
    const blocks = pages.flatMap((page) => codeBlocks(page, 'yaml'))
    expect(blocks.length).toBeGreaterThan(5)
    expect(blocks.flatMap(problemsOfYaml)).toEqual([])
  })

  it('have examples beside them that `weir check` takes', () => {
    const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.yaml'))
    expect(examples.length).toBeGreaterThan(1)
    expect(examples.map((name) => checkConfig(join(root, 'examples', name), {})).filter((one) => !one.isValid)).toEqual(
      [],
    )
  })
})

function problemsOfYaml({ where, info, text, before }: CodeBlock): readonly string[] {
  if (info === 'yaml prices') return readPriceFile(text, where).ok ? [] : [`${where}: no valid prices file`]
  if (before === '<!-- fragment of a config -->') {
    const loaded = loadConfig(text, where, configSettings)
    return loaded.ok ? [] : loaded.problems.map(({ path, message }) => `${where}: ${path} ${message}`)
  }
  const dir = mkdtempSync(join(tmpdir(), 'weir-docs-'))
  try {
    const file = join(dir, 'weir.yaml')
    writeFileSync(file, text)
    const verdict = checkConfig(file, {})
    return verdict.isValid ? [] : [`${where}: ${verdict.text}`]
  } finally {
    rmSync(dir, { recursive: true })
  }
}
