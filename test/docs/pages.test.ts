import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { version } from '../../src/canonical/version.ts'
import { root, pages, pageAt, tableOf, firstCells, json } from './read-pages.ts'

describe('the pages', () => {
  it('lead somewhere with every relative link', () => {
    const dead = pages.flatMap(({ path, text }) =>
      [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
        .map((link) => link[1] ?? '')
        .filter((to) => !/^[a-z]+:/.test(to) && !leadsSomewhere(path, to))
        .map((to) => `${path}: ${to}`),
    )
    expect(dead).toEqual([])
  })

  it('name only environment variables of Weir that the code reads', () => {
    const code = sourceText()
    const named = new Set(pages.flatMap(({ text }) => text.match(/\bWEIR_[A-Z_]+\b/g) ?? []))
    // These two are the tests' own.
    const ofCode = [...named].filter((name) => name !== 'WEIR_CORPUS' && name !== 'WEIR_SEED')
    expect(ofCode.filter((name) => !code.includes(name))).toEqual([])
    const inCode = new Set(code.match(/\bWEIR_[A-Z_]+\b/g))
    expect(firstCells(tableOf('docs/configuration.md', ['Variable', 'Meaning'])).toSorted()).toEqual(
      [...inCode].toSorted(),
    )
  })

  it('tell the version of package.json, as the program does', () => {
    expect(version).toBe(z.looseObject({ version: z.string() }).parse(json('package.json')).version)
  })
})

function leadsSomewhere(from: string, to: string): boolean {
  const [path = '', anchor] = to.split('#')
  const target = path === '' ? join(root, from) : resolve(root, dirname(from), path)
  if (!existsSync(target)) return false
  if (anchor === undefined) return true
  return headings(pageAt(relative(root, target).replaceAll('\\', '/')).text).includes(anchor)
}

/** The anchors of a page's headings, as forges make them. */
function headings(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '')
}

function sourceText(): string {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(root, 'src', path), 'utf8'))
    .join('\n')
}
