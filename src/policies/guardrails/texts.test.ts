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
