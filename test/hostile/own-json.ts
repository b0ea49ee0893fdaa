import { maxBodyBytes } from './house.ts'

/**
 * Bodies of our own, beside those of the JSON test suite: what a gateway must not read in another way than the provider.
 */
export interface OwnJson {
  readonly name: string
  readonly body: string | Buffer
  /** `refused` with 400, `too-large` with 413, or `passed` with the same meaning. */
  readonly outcome: 'refused' | 'too-large' | 'passed'
}

const chat = '{"model":"chat","messages":[{"role":"user","content":"hi"}]'
const withMembers = (members: string) => `${chat},${members}}`
const says = (content: string) => `{"model":"chat","messages":[{"role":"user","content":${content}}]}`
const tool = (parameters: string) =>
  withMembers(`"tools":[{"type":"function","function":{"name":"f","parameters":${parameters}}}]`)
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

const refused = (name: string, body: string | Buffer): OwnJson => ({ name, body, outcome: 'refused' })
const passed = (name: string, body: string | Buffer): OwnJson => ({ name, body, outcome: 'passed' })

export const ownJson: readonly OwnJson[] = [
  // --- depth and size ---
  passed('64 levels', withMembers(`"x":${nested(63)}`)),
  refused('65 levels', withMembers(`"x":${nested(64)}`)),
  refused('100,000 levels, closed', withMembers(`"x":${nested(100_000)}`)),
  refused('100,000 objects, open', `{"a":`.repeat(100_000)),
  passed('a string of a megabyte', says(`"${'x'.repeat(1_000_000)}"`)),
  refused(
    '100,001 members',
    withMembers(`"x":{${Array.from({ length: 100_001 }, (_, place) => `"k${place}":1`).join()}}`),
  ),
  { name: 'a body beyond the limit', body: Buffer.alloc(maxBodyBytes + 1, 32), outcome: 'too-large' },

  // --- a key that comes twice ---
  refused('the model twice', withMembers('"model":"any/other"')),
  refused('the model twice, once with an escape', withMembers('"mod\\u0065l":"any/other"')),
  refused('a key twice below the top', withMembers('"stream_options":{"include_usage":true,"include_usage":false}')),
  passed("a key twice in a tool schema, which is the client's own", tool('{"type":"object","type":"array"}')),

  // --- keys that act on prototypes ---
  passed('__proto__ at the top', withMembers('"__proto__":{"polluted":1}')),
  passed('__proto__ in a tool schema', tool('{"type":"object","properties":{"__proto__":{"type":"string"}}}')),
  passed('constructor.prototype', withMembers('"constructor":{"prototype":{"polluted":1}}')),

  // --- numbers ---
  passed('1e400', withMembers('"x":1e400')),
  refused('1e400 where a count belongs', withMembers('"max_tokens":1e400')),
  passed('-0', withMembers('"seed":-0')),
  passed('2^53 + 1', withMembers('"seed":9007199254740993')),
  refused('2^53 + 1 where a count belongs', withMembers('"max_tokens":9007199254740993')),
  passed('a number of 400 digits', withMembers(`"x":${'9'.repeat(400)}`)),
  refused('NaN', withMembers('"x":NaN')),
  refused('Infinity', withMembers('"x":-Infinity')),

  // --- text ---
  passed('a lone high surrogate, escaped', says('"a\\ud83d"')),
  passed('a lone low surrogate as a key, escaped', withMembers('"\\udc00":1')),
  passed('a surrogate pair, escaped', says('"\\ud83d\\ude00"')),
  passed('NUL, escaped', says('"a\\u0000b"')),
  refused('NUL, raw', says('"a\0b"')),
  refused('a line break, raw', says('"a\nb"')),
  passed('U+2028, raw', says('"a\u2028b"')),
  refused('no UTF-8', Buffer.concat([Buffer.from(`${chat},"x":"`), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])),
  refused('a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(`${chat}}`)])),
  refused('UTF-16', Buffer.from(`${chat}}`, 'utf16le')),

  // --- what is not JSON, or no object ---
  refused('nothing', ''),
  refused('blanks', ' \r\n\t '),
  refused('null', 'null'),
  refused('a list', `[${chat}}]`),
  refused('two objects', `${chat}}${chat}}`),
  refused('NUL behind the end', `${chat}}\0`),
  refused('a comment', withMembers('"x":1/* y */')),
  refused('single quotes', withMembers("'x':1")),
  refused('a form feed for a blank', withMembers('\f"x":1')),
]
