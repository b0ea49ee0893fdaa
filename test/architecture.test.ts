import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const src = join(root, 'src')

/**
 * The import table: which rooms a room may import, in the order of the house: a room knows only rooms below it. Whoever wants
 * a row changed argues for it in the commit. A room may always import itself, unless `strangers` says otherwise.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  main: ['engine', 'cli', 'build', 'config', 'canonical'],
  worker: ['engine', 'build', 'workers'],
  engine: [],
  cli: ['policies', 'admin', 'config', 'canonical'],
  build: [
    'workers',
    'server',
    'gateway',
    'routing',
    'providers',
    'policies',
    'alerts',
    'accounting',
    'admin',
    'stores',
    'ledger',
    'config',
    'canonical',
  ],
  workers: ['routing', 'accounting', 'stores', 'ledger', 'config', 'canonical'],
  server: ['gateway', 'policies', 'dialects', 'config', 'canonical'],
  gateway: ['routing', 'providers', 'policies', 'accounting', 'dialects', 'stores', 'wire', 'config', 'canonical'],
  routing: ['providers', 'dialects', 'config', 'canonical'],
  providers: ['dialects', 'wire', 'config', 'canonical'],
  policies: ['stores', 'wire', 'config', 'canonical'],
  alerts: ['stores', 'ledger', 'config', 'canonical'],
  accounting: ['config', 'canonical'],
  admin: ['stores', 'ledger', 'wire', 'config', 'canonical'],
  dialects: ['wire', 'canonical'],
  stores: ['ledger', 'config', 'canonical'],
  ledger: ['canonical'],
  wire: ['canonical'],
  config: ['canonical'],
  canonical: [],
}
const rooms = Object.keys(mayImport)

/** Members of these families must not know one another. */
const strangers: readonly { readonly in: string; readonly below: readonly string[]; readonly why: string }[] = [
  {
    in: 'dialects',
    // What the dialects of one vendor share, and what all share: each knows only what comes after it.
    below: ['vendors', 'shared'],
    why: 'a dialect knows the canonical form and no other dialect',
  },
  { in: 'providers', below: [], why: 'a provider knows no other provider' },
]

/** Packages and built-ins that only one place may use. */
const keptIn: readonly { readonly name: RegExp; readonly files: RegExp; readonly why: string }[] = [
  { name: /^node:sqlite$/, files: /^stores\//, why: 'N10: one driver, and only stores hold SQL' },
  {
    name: /^node:https?$/,
    files: /^(server\/|providers\/simulated\/|admin\/serve-admin\.ts$)/,
    why: 'only server/ serves HTTP; the simulated provider is a server by nature, and admin/ hands its framework a TLS server',
  },
  { name: /^(hono|@hono\/)/, files: /^admin\//, why: 'the data plane has no framework' },
  {
    name: /^node:(child_process|cluster)$/,
    files: /^workers\/fork\.ts$/,
    why: 'the product starts no processes but its own workers, and one function starts them',
  },
  {
    name: /^node:dns$/,
    files: /^providers\/resolver\.ts$/,
    why: 'names are resolved where their addresses are checked',
  },
]

/** Packages that only one cloud needs. */
const wantedByFew = /^(google-auth-library|@aws-sdk\/|@smithy\/)/

/** What would make a test wait, or a result differ from run to run, has one home each. */
const impure: readonly { readonly text: RegExp; readonly files: RegExp; readonly why: string }[] = [
  {
    text: /\bDate\.now\(|\bsetTimeout\(|\bsetInterval\(/,
    files: /^canonical\/clock\.ts$/,
    why: 'the clock is handed in',
  },
  {
    text: /\b(?:net|tls)\.connect\(|\bcreateConnection\(/,
    files: /^providers\/(dial|connection)\.ts$/,
    why: 'one function opens upstream connections, to addresses that it checked',
  },
  { text: /\bMath\.random\(/, files: /^(build\.ts|main\.ts|build\/)/, why: 'chance is handed in' },
  {
    text: /\bprocess\.(env|exit|argv|stdout|stderr)\b/,
    files: /^((main|worker)\.ts|cli\/|providers\/simulated\/main\.ts|build\/banner\.ts)/,
    why: 'the process belongs to main',
  },
  {
    text: /\b(?:headers|request|keepAlive|body|handshake)Timeout\s*:|\bsetKeepAlive\(|\.setTimeout\(/,
    files: /^(server\/listen|admin\/serve-admin|providers\/(upstream|connection|dial)|config\/listener-tls)\.ts$/,
    why: 'S7: few times are kept by Node itself; all others run on the clock that is handed in, and out in a test',
  },
  {
    text: /\beval\(|\bnew Function\(|['"]node:vm['"]/,
    files: /^$/,
    why: 'L7: no text becomes code',
  },
  {
    text: /\bnew RegExp\(/,
    files:
      /^policies\/guardrails\/(?:detect\/(?:terms|urls|names\/(?:person-name|postal-address)|pii\/(?:card|date-of-birth|iban|national-ids|phone)|secrets\/(?:assignment|vendor-keys))|pattern-index)\.ts$/,
    why: 'N9: a pattern is written in the source, never made from what someone sends; these put theirs together from rows, from patterns of the source, or of escaped words',
  },
]

interface SourceFile {
  /** Relative to `src/`, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly imports: readonly Import[]
}

interface Import {
  readonly from: string
  readonly isType: boolean
  /** `await import()`: loaded when it is wanted. */
  readonly isLate: boolean
}

const files = sourceFiles()

describe('the house', () => {
  it('has files to look at', () => {
    expect(files.length).toBeGreaterThan(50)
  })

  it('imports one way only', () => {
    const wrong = files.flatMap((file) =>
      localImports(file)
        .filter(
          (target) =>
            roomOf(target) !== roomOf(file.path) && !(mayImport[roomOf(file.path)] ?? []).includes(roomOf(target)),
        )
        .map((target) => `${file.path} imports ${target}: ${roomOf(file.path)} may not import ${roomOf(target)}`),
    )
    expect(wrong).toEqual([])
  })

  it('knows only rooms below, and is allowed no more than it uses', () => {
    const upward = rooms.flatMap((room, at) =>
      (mayImport[room] ?? []).filter((below) => rooms.indexOf(below) <= at).map((below) => `${room} above ${below}`),
    )
    expect(upward).toEqual([])
    const used = new Set(files.flatMap((file) => localImports(file).map((to) => `${roomOf(file.path)} ${roomOf(to)}`)))
    const unused = rooms.flatMap((room) => (mayImport[room] ?? []).map((below) => `${room} ${below}`))
    expect(unused.filter((permission) => !used.has(permission))).toEqual([])
  })

  it('is told as it is: the rooms of ARCHITECTURE.md stand in their order, and each file that it names is there', () => {
    const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
    const told = [...page.matchAll(/^\| `([\w-]+)(?:\.ts|\/)` /gm)].map(([, room]) => room)
    expect(told).toEqual(rooms)
    const named = [...page.matchAll(/`((?:[\w-]+\/)+(?:[\w-]+\.ts)?)`/g)].map(([, path = '']) => path)
    expect(named.length).toBeGreaterThan(30)
    const places = rooms.map((room) => join(src, room))
    const lost = named.filter((path) => ![src, root, ...places].some((place) => existsSync(join(place, path))))
    expect(lost).toEqual([])
  })

  it('has no circles', () => {
    expect(circles()).toEqual([])
  })

  it.each(strangers)('keeps members of $in apart: $why', ({ in: family, below }) => {
    const memberOf = (path: string) => /^\w+\/(vendors\/[\w-]+|[\w-]+)\//.exec(path)?.[1]
    const depthOf = (member: string) => below.indexOf(member.split('/')[0] ?? '')
    const wrong = files
      .filter((file) => roomOf(file.path) === family)
      .flatMap((file) =>
        localImports(file)
          .filter((target) => roomOf(target) === family)
          .filter((target) => {
            const [from, to] = [memberOf(file.path), memberOf(target)]
            if (from === undefined || to === undefined || from === to) return false
            return depthOf(to) <= depthOf(from)
          })
          .map((target) => `${file.path} imports ${target}`),
      )
    expect(wrong).toEqual([])
  })

  it.each(keptIn)('uses $name in one place: $why', ({ name, files: allowed }) => {
    const wrong = files
      .filter((file) => !allowed.test(file.path))
      .filter((file) => file.imports.some(({ from, isType }) => !isType && name.test(from)))
      .map((file) => file.path)
    expect(wrong).toEqual([])
  })

  it('loads what only one cloud needs when a call wants it', () => {
    const cloudly = files.flatMap(({ path, imports }) =>
      imports.filter(({ from, isType }) => !isType && wantedByFew.test(from)).map(({ isLate }) => ({ path, isLate })),
    )
    expect(cloudly.length).toBeGreaterThan(0)
    expect(cloudly.filter(({ isLate }) => !isLate)).toEqual([])
  })

  it.each(impure)('keeps $text in one place: $why', ({ text, files: allowed }) => {
    const wrong = files
      .filter((file) => !allowed.test(file.path) && text.test(withoutComments(file.text)))
      .map((file) => file.path)
    expect(wrong).toEqual([])
  })

  it('N9 repeats nothing without end within what repeats without end', () => {
    const found = files.flatMap((file) => patternsOf(file.text).map((pattern) => ({ path: file.path, pattern })))
    expect(found.length).toBeGreaterThan(80)
    expect([nestsRepeats('^(a+)+$'), nestsRepeats('(?:a|b*)*x'), nestsRepeats('a+(b+)?c{2}')]).toEqual([
      true,
      true,
      false,
    ])
    expect(found.filter(({ pattern }) => nestsRepeats(pattern))).toEqual([])
  })

  it('reads the hot path in under 150 lines', () => {
    const serve = files.find((file) => file.path === 'gateway/serve.ts')
    expect(serve?.text.split('\n').length).toBeLessThan(150)
  })

  it('does no work at import time that needs the outside: every file but the mains can be imported', async () => {
    for (const file of files) {
      if (/(^|\/)(main|worker|database-worker)\.ts$/.test(file.path)) continue
      await import(join(src, file.path))
    }
  })
})

/** Patterns as they are written, without the marks around them. */
function patternsOf(text: string): readonly string[] {
  const literal = /(?<=[=(:,[!&|?]\s*)\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/[dgimsuvy]*/g
  return [...withoutComments(text).matchAll(literal)].map((found) => found[1] ?? '')
}

/**
 * Whether something that may repeat without end holds something that may repeat without end: where both can take the same
 * characters, V8 tries all ways to share them out, and 30 characters take seconds (failures.md N9).
 */
function nestsRepeats(pattern: string): boolean {
  const bare = pattern.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x')
  const holdsRepeat = [false]
  let last = false
  for (let place = 0; place < bare.length; place += 1) {
    const rest = bare.slice(place)
    const [repeat] = /^(?:[*+]|\{\d+,\})\??/.exec(rest) ?? []
    if (repeat !== undefined) {
      if (last) return true
      holdsRepeat[holdsRepeat.length - 1] = true
      place += repeat.length - 1
      last = false
    } else if (bare[place] === '(') {
      holdsRepeat.push(false)
      last = false
    } else if (bare[place] === ')') {
      last = holdsRepeat.pop() ?? false
      if (last) holdsRepeat[holdsRepeat.length - 1] = true
    } else last = false
  }
  return false
}

function sourceFiles(): readonly SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('/laws/'))
    .map((path) => {
      const text = readFileSync(join(src, path), 'utf8')
      return { path, text, imports: importsOf(text) }
    })
}

function importsOf(text: string): readonly Import[] {
  const early = text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'"]*?from\s+)?['"]([^'"]+)['"]/gm)
  const late = text.matchAll(/\bimport\(['"]([^'"]+)['"]\)/g)
  return [
    ...[...early].map(([, type, from = '']) => ({ from, isType: type !== undefined, isLate: false })),
    ...[...late].map(([, from = '']) => ({ from, isType: false, isLate: true })),
  ]
}

function localImports(file: SourceFile): readonly string[] {
  return file.imports
    .filter(({ from }) => from.startsWith('.'))
    .map(({ from }) => relative(src, resolve(src, dirname(file.path), from)).replaceAll('\\', '/'))
}

/** `main.ts` and `build.ts` are rooms of their own; everything else belongs to its first folder. */
function roomOf(path: string): string {
  return /^([\w-]+)(?:\/|\.ts$)/.exec(path)?.[1] ?? path
}

function circles(): readonly string[] {
  const graph = new Map(files.map((file) => [file.path, localImports(file)]))
  const found: string[] = []
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '))
      return
    }
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) walk(path, [])
  return found
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '')
}
