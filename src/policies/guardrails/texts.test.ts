import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import { replaceTexts, textsOf } from './texts.ts'

const said = 'Straße, write to ada@example.com'
const base64 = (text: string, charset: BufferEncoding = 'utf8') => Buffer.from(text, charset).toString('base64')

/** The same document in the words of each dialect. */
const documents: readonly (readonly [string, JsonObject, path: string])[] = [
  [
    'Anthropic',
    { type: 'document', source: { type: 'base64', media_type: 'text/plain', data: base64(said) } },
    'source.data',
  ],
  ['Gemini', { inlineData: { mimeType: 'text/csv', data: base64(said) } }, 'inlineData.data'],
  [
    'Gemini’s other spelling',
    { inline_data: { mime_type: 'application/json', data: base64(said) } },
    'inline_data.data',
  ],
  ['Bedrock', { document: { format: 'md', name: 'x', source: { bytes: base64(said) } } }, 'document.source.bytes'],
  [
    'OpenAI',
    { file: { filename: 'x.txt', file_data: `data:text/plain;charset=utf-8;base64,${base64(said)}` } },
    'file.file_data',
  ],
  ['a URL without base64', { url: `data:text/plain,${encodeURIComponent(said)}` }, 'url'],
  ['UTF-16', { source: { media_type: 'text/plain', data: base64(`\ufeff${said}`, 'utf16le') } }, 'source.data'],
  [
    'UTF-16 without a mark',
    { source: { media_type: 'text/plain', data: base64('to ada@example.com', 'utf16le') } },
    'source.data',
  ],
  ['no type', { file: { filename: 'x.txt', file_data: base64(said) } }, 'file.file_data'],
  ['a type that says nothing', { url: `data:application/octet-stream;base64,${base64(said)}` }, 'url'],
  ['a type of its own', { inlineData: { mimeType: 'application/x-python', data: base64(said) } }, 'inlineData.data'],
  [
    'a type with spaces',
    { inlineData: { mimeType: ' text/plain ; charset=utf-8', data: base64(said) } },
    'inlineData.data',
  ],
  ['Latin-1', { source: { media_type: 'text/plain', data: base64(said, 'latin1') } }, 'source.data'],
]

const at = (path: string, body: JsonObject) => textsOf(body, () => undefined).find((one) => one.path === path)?.text

describe('a text document in base64', () => {
  it.each(documents)('G6: is read and written anew in the words of %s', (_whose, body, path) => {
    const text = at(path, body) ?? ''
    expect(text).toContain('ada@example.com')
    const written = replaceTexts(body, new Map([[path, text.replace('ada@example.com', '[EMAIL]')]]))
    expect(at(path, written)).toBe(text.replace('ada@example.com', '[EMAIL]'))
    expect(JSON.stringify(written)).not.toContain(said)
  })

  it.each(documents)('is the very same value where nothing is written anew: %s', (_whose, body, path) => {
    expect(replaceTexts(body, new Map([[path, at(path, body) ?? '']]))).toBe(body)
  })

  it('is no picture, no text that says that it is one, and no number beside a word for a format', () => {
    const picture = { source: { media_type: 'image/png', data: base64('x'.repeat(600)) } }
    expect(textsOf(picture, () => undefined)).toEqual([])
    const plain = { source: { type: 'text', media_type: 'text/plain', data: 'QUJDREVG' } }
    expect(at('source.data', plain)).toBe('QUJDREVG')
    expect(at('data', { format: 'csv', data: '4111111111111111' })).toBe('4111111111111111')
  })
})

describe('a text document that cannot be decoded for sure', () => {
  const code = base64(`${said}, and some more`)
  const isUnread = (body: JsonObject) => textsOf(body, () => undefined)[0]?.isUnread

  it.each([`${code.slice(0, 10)}*${code.slice(10)}`, `eA==${code}`, `${code}, `])('is told: %s', (data) => {
    expect(isUnread({ inlineData: { mimeType: 'text/plain', data } })).toBe(true)
    expect(isUnread({ url: `data:text/plain;base64,${data}` })).toBe(true)
  })

  it('is none where it is prose, whole, or of lines', () => {
    for (const data of ['some words, as they are written', code, code.replaceAll(/.{20}/g, '$&\n')])
      expect(isUnread({ inlineData: { mimeType: 'text/plain', data } })).toBeUndefined()
  })
})

describe('a text that is JSON', () => {
  const isJson = (text: string) => textsOf({ messages: [{ content: text }] }, () => 'tool-result')[0]?.isJsonText

  it.each(['{"a":"x\\ny"}', ' [ {} ]\n', '[]', `${'['.repeat(100_000)}${']'.repeat(100_000)}`])(
    'is known: %.20s',
    (text) => {
      expect(isJson(text)).toBe(true)
    },
  )

  it.each(['"x"', '12', '{', '[link](https://example.com)', '{"a":1} and more', '[1] see', '{a: 1}'])(
    'is not: %s',
    (text) => {
      expect(isJson(text)).toBe(false)
    },
  )
})

describe('where a text stands', () => {
  it('is told shortly, however long the names above it are, and apart from every other place', () => {
    const long = 'n'.repeat(10_000)
    const body = { [`${long}a`]: { x: 'one' }, [`${long}b`]: { x: ['two'] } }
    const paths = textsOf(body, () => undefined).map(({ path }) => path)
    expect(Math.max(...paths.map(({ length }) => length))).toBeLessThan(200)
    const [, second = ''] = paths
    expect(replaceTexts(body, new Map([[second, 'three']]))).toEqual({ ...body, [`${long}b`]: { x: ['three'] } })
  })
})

describe('base64', () => {
  const picture = Buffer.from(Uint8Array.from({ length: 600 }, (_, place) => (place * 151) % 256)).toString('base64')
  const seen = (content: string) => textsOf({ content }, () => undefined).map(({ text }) => text)

  it.each(['', 'data:image/png;base64,', 'data:application/pdf;base64,'])('is no text: %s', (lead) => {
    expect(seen(lead + picture)).toEqual([])
    expect(seen(lead + Buffer.from(picture, 'base64').toString('base64url'))).toEqual([])
  })

  it.each(['data:image/png;base64,', ''])('hides nothing that stands behind it or in it: %s', (lead) => {
    for (const text of [
      `${picture} to ada@example.com`,
      `${picture}\n`,
      `${picture.slice(0, 490)},${picture.slice(490)}`,
    ])
      expect(seen(lead + text)).toEqual([lead + text])
    expect(seen(`${'='.repeat(520)}\nto ada@example.com`)).toHaveLength(1)
  })
})

describe('what has names that somebody chose', () => {
  it.each<JsonObject>([
    { prompt: { variables: { role: 'Ada' } } },
    { chat_template_kwargs: { role: 'Ada' } },
    { action: { env: { status: 'Ada' } } },
    { content: [{ toolResult: { content: [{ json: ['Ada', 1] }] } }] },
    { content: [{ toolResult: { content: [{ json: [{ id: 'Ada', Ada: true }] }] } }] },
    { functionCall: { args: [{ type: 'Ada' }] } },
    { messages: [{ role: 'to Ada' }] },
    { type: 'ada@example.com, Ada' },
  ])('holds texts: %j', (body) => {
    const texts = textsOf(body, () => undefined)
    expect(texts.some(({ text }) => text.includes('Ada'))).toBe(true)
    const written = new Map(texts.map(({ path, text }) => [path, text.replaceAll('Ada', '[NAME]')]))
    expect(JSON.stringify(replaceTexts(body, written))).not.toContain('Ada')
  })

  it('is no list of what dialects have words for', () => {
    const input = [{ type: 'message', role: 'user', content: 'hi' }]
    expect(textsOf({ input, data: [{ object: 'x', text: 'y' }] }, () => undefined).map(({ path }) => path)).toEqual([
      'input[0].content',
      'data[0].text',
    ])
  })
})
