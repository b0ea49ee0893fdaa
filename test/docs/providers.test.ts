import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { providersDoc } from '../../scripts/write-providers-doc.ts'
import { root, pageAt, codeBlocks } from './read-pages.ts'

describe('providers.md', () => {
  it('tells every kind of provider as the code has it', () => {
    expect(pageAt('docs/providers.md').text === providersDoc(), 'run node scripts/write-providers-doc.ts').toBe(true)
  })
})

describe('adding-a-provider.md', () => {
  it('shows a row that is there, as it is there', () => {
    const [block] = codeBlocks(pageAt('docs/adding-a-provider.md'), 'ts')
    const rows = readFileSync(join(root, 'src/providers/openai-compatible/hosted-rows.ts'), 'utf8')
    expect(rows).toContain((block?.text ?? 'no block').replaceAll(/^(?=.)/gm, '  '))
  })
})
