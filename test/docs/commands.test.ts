import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pages, pageAt, codeBlocks, json } from './read-pages.ts'
import { program, leaves, optionsOf, problemsOfCommand } from './program.ts'

describe('the pages', () => {
  it('name only npm scripts that there are', () => {
    const manifest = z.looseObject({ scripts: z.record(z.string(), z.string()) }).parse(json('package.json'))
    const builtIn = ['ci', 'install', 'pack', 'rebuild', 'run']
    const code = pages.flatMap(({ text }) => text.match(/^```[\s\S]*?^```$|`[^`\n]+`/gm) ?? [])
    const named = code.flatMap((one) =>
      [...one.matchAll(/\bnpm (?:run (?:-s )?)?([a-z:]+)/g)].map((found) => found[1] ?? ''),
    )
    expect(named.filter((name) => !builtIn.includes(name) && !(name in manifest.scripts))).toEqual([])
    expect(named).toContain('start')
  })

  it('show only commands and options that the program has', () => {
    const shown = pages.flatMap((page) =>
      ['sh', 'console'].flatMap((language) =>
        codeBlocks(page, language).flatMap(({ text }) =>
          [...text.matchAll(/^(?:\$ )?(?:\w+=\$\()?(?:weir|npm run -s weir --) (.+)$/gm)].map((line) => line[1] ?? ''),
        ),
      ),
    )
    expect(shown.length).toBeGreaterThan(10)
    const named = pages.flatMap(({ text }) =>
      [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`weir ([a-z][^`\n]*)`/g)].map((span) => span[1] ?? ''),
    )
    expect(named.length).toBeGreaterThan(10)
    // A group of commands may be named alone.
    expect([...shown, ...named.filter((one) => one.includes(' '))].flatMap(problemsOfCommand)).toEqual([])
  })
})

describe('cli.md', () => {
  it('tells every command with every option', () => {
    const page = pageAt('docs/cli.md').text
    const rows = [...page.matchAll(/^\| `weir ([a-z -]+?)(?: \[file\])?`\s+\|(.+)$/gm)]
    const told = rows.map(([, path = '', rest = '']) => [path, (rest.match(/--[a-z-]+/g) ?? []).toSorted()])
    const known = leaves(program()).map(([path, command]) => [path, optionsOf(command).toSorted()])
    expect(told.toSorted()).toEqual(known.toSorted())
  })
})
