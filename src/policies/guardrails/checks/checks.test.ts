import { describe, expect, it } from 'vitest'
import { textPlaces } from '../../../canonical/guardrail.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { textsOf } from '../texts.ts'
import { formFile } from './attachments.ts'
import { fileTypesCheck } from './file-types.ts'
import { largestCheck } from './largest.ts'

const everywhere = new Set(textPlaces)
const png = Buffer.from('\x89PNG\r\n\x1a\n0000IHDR', 'latin1').toString('base64')
const pdf = Buffer.from('%PDF-1.7\n1 0 obj').toString('base64')
const call = (value: JsonObject) => ({
  value,
  bodyBytes: JSON.stringify(value).length,
  files: [],
  texts: textsOf(value, () => undefined),
  chat: undefined,
})

describe('types of files', () => {
  const check = fileTypesCheck(['application/pdf', 'image/*', 'text/plain'])
  const says = (value: JsonObject) => check(call(value), everywhere).map((one) => one.says)

  it.each<[string, JsonObject]>([
    ['Anthropic', { source: { type: 'base64', media_type: 'application/pdf', data: pdf } }],
    ['Gemini', { inlineData: { mimeType: 'image/png', data: png } }],
    ['OpenAI', { image_url: { url: `data:image/png;base64,${png}` } }],
    ['Bedrock', { document: { format: 'pdf', source: { bytes: pdf } } }],
    ['Ollama', { images: [png + 'A'.repeat(600)] }],
    ['no file', { role: 'user', content: 'AAAA' }],
    ['text', { source: { type: 'base64', media_type: 'text/plain; charset=utf-8', data: 'aGVsbG8gdGhlcmU=' } }],
    ['a picture that can hold a script, where pictures may', { url: 'data:image/svg+xml,%3Csvg onload=x' }],
    ['a signature', { signature: 'A'.repeat(600), thought: { text: 'x', data: 'B'.repeat(700) } }],
  ])('pass where they are allowed: %s', (_what, value) => {
    expect(says(value)).toEqual([])
  })

  it.each<[string, JsonObject, string]>([
    [
      'another type',
      { source: { media_type: 'text/html', data: 'PGI+aGk8L2I+' } },
      'type text/html, which is not allowed',
    ],
    ['a type in disguise', { source: { media_type: 'image/png', data: pdf } }, 'begins as application/pdf does'],
    [
      'a program',
      { source: { media_type: 'application/pdf', data: 'TVqQAAMAAAAEAAAA' } },
      'begins as application/x-msdownload does',
    ],
    ['noise', { source: { media_type: 'application/pdf', data: 'AAECAwQFBgcICQ==' } }, 'does not begin as one'],
    [
      'bytes that are no text',
      { source: { media_type: 'text/plain', data: 'AAECAwQFBgcICQ==' } },
      'bytes that no text does',
    ],
    ['a script', { url: 'data:text/html,<script>alert(1)</script>' }, 'type text/html'],
  ])('are found where they are none of them: %s', (_what, value, clause) => {
    expect(says(value)).toEqual([expect.stringContaining(clause)])
  })

  it('are told of files of a form too', () => {
    const files = [
      formFile('image', 'image/png', Buffer.from('%PDF-1.4')),
      formFile('mask', undefined, Buffer.from('?')),
    ]
    expect(check({ ...call({}), files }, everywhere).map(({ path, says: clause }) => [path, clause])).toEqual([
      ['image', 'it holds a file that is said to be image/png, and begins as application/pdf does'],
      ['mask', 'it holds a file whose type cannot be told'],
    ])
  })

  it('are looked at in documents only', () => {
    expect(check(call({ source: { media_type: 'text/html', data: 'PGI+aGk8L2I+' } }), new Set(['user']))).toEqual([])
  })
})

describe('sizes', () => {
  it('count texts, bytes and files, and say what there is and what may be', () => {
    const value = {
      a: 'x'.repeat(40),
      b: { source: { media_type: 'image/png', data: png } },
      c: `data:application/pdf;base64,${pdf}`,
    }
    const found = largestCheck({ characters: 30, bytes: 100, pictures: 0, documents: 0 })(call(value), everywhere)
    expect(found.map(({ says }) => says)).toEqual([
      expect.stringMatching(/^it holds \d+ bytes, and may hold 100$/),
      expect.stringMatching(/^it holds \d+ characters of text, and may hold 30$/),
      'it holds 1 pictures, and may hold 0',
      'it holds 1 documents, and may hold 0',
    ])
    expect(largestCheck({ characters: 400, bytes: 1_000, pictures: 1, documents: 1 })(call(value), everywhere)).toEqual(
      [],
    )
  })
})
