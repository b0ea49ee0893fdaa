import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { configSizeLimitBytes, loadConfig } from './load.ts'
import { describeProblems } from './problem.ts'
import { secretRef } from './secrets.ts'

const credential = z.strictObject({ apiKey: secretRef, weight: z.number().positive().optional() })
const provider = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('openai'), credentials: z.union([credential, z.array(credential).min(1)]) }),
  z.strictObject({ kind: z.literal('anthropic'), baseUrl: z.url().optional(), credentials: credential }),
])
const schema = z.strictObject({
  server: z.strictObject({ listen: z.string(), workers: z.int().min(1).max(64).default(1) }).optional(),
  providers: z.record(z.string().regex(/^[a-z]+$/, 'write small letters only'), provider).default({}),
  strategy: z.enum(['priority', 'weighted']).optional(),
  hash: z.enum(['sha256', 'sha512']).optional(),
  level: z.union([z.literal('auto'), z.int()]).optional(),
  money: z.string().optional(),
  limits: z.strictObject({ parallel: z.int() }).optional(),
})

function told(...lines: readonly string[]): string {
  const loaded = loadConfig(lines.join('\n'), 'weir.yaml', schema)
  return loaded.ok ? 'no problems' : describeProblems(loaded.problems)
}

function versionOf(text: string): string {
  const loaded = loadConfig(text, 'weir.yaml', schema)
  return loaded.ok ? loaded.version : 'none'
}

describe('loadConfig', () => {
  it('gives the value with defaults, the version of the text and the places of values', () => {
    const text = '# comment\nserver:\n  listen: 127.0.0.1:8080\nmoney: "5"\n'
    const loaded = loadConfig(text, 'weir.yaml', schema)
    expect(loaded).toMatchObject({ ok: true, value: { server: { workers: 1 }, providers: {}, money: '5' } })
    if (!loaded.ok) throw new Error('not loaded')
    expect(loaded.version).toMatch(/^[0-9a-f]{12}$/)
    expect(loaded.positionOf(['server', 'listen'])).toEqual({ line: 3, column: 11 })
    expect(loaded.positionOf(['server', 'workers'])).toBeUndefined()
    expect(loaded.problemAt(['server', 'workers'], 'too few', 'add one')).toEqual({
      fileName: 'weir.yaml',
      line: 3,
      column: 3,
      path: 'server.workers',
      message: 'too few',
      hint: 'add one',
    })
  })

  it('the version is one of the text: the same text the same, another text another (S11)', () => {
    expect(versionOf('money: "5"')).toBe(versionOf('money: "5"'))
    expect(versionOf('money: "5"')).not.toBe(versionOf('money: "6"'))
  })

  it('an unknown key is told at the key, with the name that was meant (A5)', () => {
    expect(
      told('providers:', '  openai:', '    kind: openai', '    credentials: { apiKye: env:A }', '    wieght: 3'),
    ).toBe(
      [
        'weir.yaml:4:20  providers.openai.credentials.apiKye  unknown key; did you mean "apiKey"?',
        'weir.yaml:5:5  providers.openai.wieght  unknown key; known here: kind, credentials',
      ].join('\n'),
    )
  })

  it('a wrong kind lists the right ones and the nearest', () => {
    expect(told('providers: { a: { kind: opnai } }')).toBe(
      'weir.yaml:1:25  providers.a.kind  "opnai" is not one of openai, anthropic; did you mean "openai"?',
    )
    expect(told('strategy: prioritty')).toBe(
      'weir.yaml:1:11  strategy  "prioritty" is not one of priority, weighted; did you mean "priority"?',
    )
  })

  it('a missing key is told at its parent', () => {
    expect(told('server:', '  workers: 2', 'providers:', '  a: {}', '  b: { kind: anthropic }')).toBe(
      [
        'weir.yaml:1:1  server.listen  missing; give text',
        'weir.yaml:4:3  providers.a.kind  missing; give one of openai, anthropic',
        'weir.yaml:5:3  providers.b.credentials  missing; give a map',
      ].join('\n'),
    )
  })

  it('an entry of a list is told with its place in the list', () => {
    expect(
      told(
        'providers:',
        '  openai:',
        '    kind: openai',
        '    credentials:',
        '      - apiKey: env:A',
        '      - apiKey: env:B',
        '        weight: 0',
        '      - weight: 1',
      ),
    ).toBe(
      [
        'weir.yaml:7:17  providers.openai.credentials[1].weight  must be more than 0',
        'weir.yaml:8:9  providers.openai.credentials[2].apiKey  missing; write env:NAME or file:PATH; secrets are never written into the config',
      ].join('\n'),
    )
  })

  it.each([
    ['server: { listen: x, workers: "2" }', '1:31  server.workers  expected a number, found text'],
    ['server: { listen: x, workers: 0 }', '1:31  server.workers  must be at least 1'],
    ['server: { listen: x, workers: 65 }', '1:31  server.workers  must be at most 64'],
    ['server: { listen: x, workers: 1.5 }', '1:31  server.workers  expected a whole number, found a number'],
    ['server: { listen: x, workers: .inf }', '1:31  server.workers  expected a number, found a number without end'],
    ['server:', '1:1  server  has no value; give a map or remove the key'],
    ['server: [1]', '1:9  server  expected a map, found a list'],
    ['money: 5', '1:8  money  expected text, found a number; put it in quotes'],
    ['level: high', '1:8  level  expected auto or a number, found text'],
    ['providers: { A: {} }', '1:14  providers.A  this name cannot be used: write small letters only'],
    [
      'providers: { a: { kind: anthropic, baseUrl: nowhere, credentials: { apiKey: env:A } } }',
      '1:45  providers.a.baseUrl  must be a URL, such as https://example.com/v1',
    ],
    [
      'providers: { a: { kind: openai, credentials: [] } }',
      '1:46  providers.a.credentials  must hold at least 1 entry',
    ],
    [
      'providers: { a: { kind: openai, credentials: 5 } }',
      '1:46  providers.a.credentials  expected a map or a list, found a number',
    ],
    ['providers: { a: { kind: { x: 1 } } }', '1:25  providers.a.kind  expected one of openai, anthropic, found a map'],
    ['- a', '1:1  expected a map, found a list'],
    ['just text', '1:1  expected a map, found text'],
  ])('%s', (line, problem) => {
    expect(told(line)).toContain(`weir.yaml:${problem}`)
  })

  it('all problems are told at once, in the order of the file', () => {
    const lines = told('strategy: x', 'money: 1', 'server: { listen: 1 }', 'money: 2', 'colour: blue').split('\n')
    expect(lines.map((line) => line.split('  ')[0])).toEqual(
      [1, 2, 3, 4, 5].map((line) => expect.stringMatching(`weir.yaml:${line}:`)),
    )
  })
})

describe('what the text alone shows', () => {
  it.each([
    ['a colon too many', ['money: a: b'], '1:8  a second `: ` on one line'],
    ['a tab', ['server:', '\tlisten: x'], '2:1  a tab is used to indent; use spaces'],
    ['a quote that nobody closes', ['money: "5', 'strategy: priority'], '1:8  what is opened here is never closed'],
    ['a bracket that nobody closes', ['server: { listen: x', 'money: "5"'], '1:9  what is opened here is never closed'],
    ['a second document', ['money: "5"', '---', 'money: "6"'], '2:1  a second document begins here'],
    ['a tag', ['money: !secret x'], '1:8  tags (`!name`) have no meaning here'],
    ['a key that is a list', ['[a]: 1'], '1:1  a key must be text'],
    ['another version of YAML', ['%YAML 1.1', '---', 'money: "5"'], '1:1  the config is read as YAML 1.2'],
    ['a key given twice', ['money: "1"', 'money: "2"'], '2:1  money  the key is given twice; keep one of them'],
    ['an alias to nothing', ['money: *x'], '1:8  money  this alias leads nowhere'],
    [
      'an alias to itself',
      ['server: &a { listen: *a }'],
      '1:22  server.listen  this alias leads nowhere: it would hold itself',
    ],
    [
      'a name that schemas skip',
      ['providers: { __proto__: { kind: openai } }'],
      '1:14  providers.__proto__  this name cannot be used',
    ],
    ['a control character (A11)', ['money: "a\\0b"'], '1:8  money  the text holds a control character'],
    [
      'a number that would be rounded',
      ['limits: { parallel: 12345678901234567890 }'],
      '1:21  limits.parallel  the number is too large',
    ],
    ['nothing', [''], '1:1  the file holds no settings'],
    ['comments only', ['# later'], '1:1  the file holds no settings'],
  ])('%s is told with its place', (_name, lines, problem) => {
    expect(told(...lines)).toContain(`weir.yaml:${problem}`)
  })

  it('a merge key is told as one, not a silent no-op; in quotes it is a key like others', () => {
    expect(told('server: { listen: x, <<: { workers: 2 } }')).toBe(
      'weir.yaml:1:22  server["<<"]  merge keys (`<<`) are not read: write the settings out here, or let an alias (`*name`) stand for a whole value',
    )
    expect(
      told('providers:', '  a: &a { kind: anthropic, credentials: { apiKey: env:A } }', '  b: { <<: *a }'),
    ).toContain('weir.yaml:3:8  providers.b["<<"]  merge keys')
    expect(told("server: { listen: x, '<<': { workers: 2 } }")).toContain('unknown key; known here: listen, workers')
  })

  it('`yes` and `no` are text, and keys are text whatever they look like', () => {
    const loaded = loadConfig('yes: no\n12: on\nnull: 010\n', 'x', z.record(z.string(), z.unknown()))
    expect(loaded).toMatchObject({ ok: true, value: { yes: 'no', 12: 'on', null: 10 } })
  })

  it('a byte order mark and CRLF line ends change nothing', () => {
    expect(told('\u{FEFF}money: "5"\r', 'strategy: x\r')).toContain('weir.yaml:2:11  strategy')
  })

  it('aliases may be used, and a problem behind one is told where it is written', () => {
    const text = 'x: &base { listen: 1 }\ny: *base\n'
    const two = z.strictObject({ x: z.unknown(), y: z.strictObject({ listen: z.string() }) })
    const loaded = loadConfig(text, 'weir.yaml', two)
    expect(loaded.ok ? '' : describeProblems(loaded.problems)).toBe(
      'weir.yaml:1:20  y.listen  expected text, found a number; put it in quotes',
    )
    expect(loadConfig('a: &x 1\nm: &m { k: *x }\nb: &x 2\nc: *m\nd: *x\n', 'x', z.unknown())).toMatchObject({
      value: { c: { k: 1 }, d: 2 },
    })
  })

  it('a bomb of aliases ends at a limit (S10)', () => {
    const names = [...'abcdefghij']
    const bomb = names.map((name, place) => {
      const inner = place === 0 ? 'x' : `*${names[place - 1]}`
      return `${name}: &${name} [${Array.from({ length: 10 }, () => inner).join(', ')}]`
    })
    expect(told(...bomb)).toMatch(/the file describes more than 200000 values$/)
  })

  it('a file nested too deeply ends at a limit, with one sentence (S10)', () => {
    expect(told('a: '.padEnd(90, '['), ''.padEnd(90, ']'))).not.toBe('no problems')
    expect(told(`money: ${'['.repeat(70)}${']'.repeat(70)}`)).toMatch(/nested more than 64 levels deep$/)
    expect(told('['.repeat(5_000)).split('\n')).toEqual([expect.stringContaining('nested too deeply')])
  })

  it('a file that is too large is not parsed (S10)', () => {
    expect(told('#'.repeat(configSizeLimitBytes + 1))).toContain(`at most ${configSizeLimitBytes} are read`)
    expect(told(`money: "5"\n#${'x'.repeat(configSizeLimitBytes - 12)}`)).toBe('no problems')
  })

  it('a map of many keys is read in linear time', () => {
    const text = Array.from({ length: 20_000 }, (_, place) => `key${place}: ${place}`).join('\n')
    expect(loadConfig(text, 'x', z.record(z.string(), z.number()))).toMatchObject({ ok: true })
  })

  it('a hundred problems are printed and the rest counted', () => {
    const lines = told(...Array.from({ length: 150 }, (_, place) => `unknown${place}: 1`)).split('\n')
    expect(lines).toHaveLength(101)
    expect(lines.at(-1)).toBe('and 50 more')
  })
})

describe('secrets in problems', () => {
  const secret = 'sk-proj-4f9a8b7c6d5e4f3a2b1c'

  it.each([
    ['written in place of a reference', `providers: { a: { kind: openai, credentials: { apiKey: ${secret} } } }`],
    ['written in place of a map', `providers: { a: { kind: openai, credentials: ${secret} } }`],
    ['written as a key', `providers: { a: { kind: openai, credentials: { ${secret}: } } }`],
    ['written as a name', `providers: { ${secret}: { kind: openai } }`],
    ['written as a kind', `providers: { a: { kind: ${secret} } }`],
    ['in an unclosed quote', `money: "${secret}`],
    ['behind a colon too many', `money: ${secret}: x`],
    ['as a tag', `money: !${secret} x`],
    ['as an alias', `money: *${secret}`],
    ['beside a tab', `server:\n\tlisten: ${secret}`],
    ['in another choice', `hash: ${secret}`],
    ['in a stray word', `money: "x" ${secret}`],
    ['in an escape', `money: "\\q${secret}"`],
    ['as a block header', `money: |${secret}\n  x`],
    ['as a directive', `%${secret}\n---\nmoney: "5"`],
  ])('a secret %s is never echoed', (_name, text) => {
    expect(told(text)).not.toBe('no problems')
    expect(told(text)).not.toContain('4f9a8b7c')
  })

  it('no value under a secret name is echoed, whatever it looks like', () => {
    expect(told('hash: hunter2')).toBe('weir.yaml:1:7  hash  this value is not one of sha256, sha512')
  })

  it('names that play tricks on a terminal are defused', () => {
    for (const line of told('"a\\e[31m\u{202E}b": 1').split('\n')) expect(line).not.toMatch(/\p{Cc}|\p{Cf}/u)
  })
  it.each(['basic-chat', 'weir-team', 'hf-small', 'claude-sonnet-4-5-20250929', 'openai/gpt-4o-mini-2024-07-18'])(
    'the name %s is no secret and is shown',
    (name) => {
      expect(told(`"${name}": 1`)).toContain(name)
    },
  )
})
