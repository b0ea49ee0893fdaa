import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GatewayError } from '../canonical/error.ts'
import { formBoundary, formLimits, scanForm, spliceForm } from './form-scan.ts'

const field = (name: string, value: string) =>
  `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const file = (name: string, bytes: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n${bytes}\r\n`
const form = (...parts: readonly string[]) => Buffer.from(`${parts.join('')}--b--\r\n`, 'latin1')
const refusalOf = (body: Buffer) => {
  try {
    scanForm(body, 'b')
    return undefined
  } catch (thrown) {
    return thrown instanceof GatewayError && thrown.kind === 'invalid_request' ? thrown.message : thrown
  }
}

describe('the boundary of a form', () => {
  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; charset=utf-8; boundary="a b"', undefined],
    ['multipart/form-data; boundary="----x.1"', '----x.1'],
    ['application/json', null],
    ['multipart/form-data', undefined],
    ['multipart/form-data; boundary=a; boundary=b', undefined],
    [`multipart/form-data; boundary=${'a'.repeat(71)}`, undefined],
  ])('of %s is %s', (contentType, boundary) => {
    if (boundary === undefined) expect(() => formBoundary(contentType)).toThrow(GatewayError)
    else expect(formBoundary(contentType) ?? null).toBe(boundary)
  })
})

describe('a form', () => {
  it('tells its fields and files, whatever bytes those hold', () => {
    const sound = '\r\n--\x00\xff\r\n\r\n--B'
    const body = form(field('model', 'whisper-1'), file('file', sound), field('language', ''))
    const parts = scanForm(body, 'b')
    expect(parts.map(({ name, fileName }) => [name, fileName])).toEqual([
      ['model', undefined],
      ['file', 'a.wav'],
      ['language', undefined],
    ])
    expect(parts.map(({ start, end }) => body.toString('latin1', start, end))).toEqual(['whisper-1', sound, ''])
    expect(parts[1]?.contentType).toBe('audio/wav')
  })

  it('has one field replaced in place, and every other byte as it came', () => {
    const body = form(field('language', 'de'), field('model', 'alias'), file('file', 'RIFF'))
    const sent = spliceForm(body, scanForm(body, 'b'), 'b', [{ name: 'model', value: 'whisper-1' }])
    expect(sent).toEqual(form(field('language', 'de'), field('model', 'whisper-1'), file('file', 'RIFF')))
    expect(spliceForm(body, scanForm(body, 'b'), 'b', [])).toBe(body)
  })

  it('has a field added that it lacks', () => {
    const body = form(file('file', 'RIFF'))
    const sent = spliceForm(body, scanForm(body, 'b'), 'b', [{ name: 'model', value: 'm' }])
    expect(sent).toEqual(form(field('model', 'm'), file('file', 'RIFF')))
  })

  it.each([
    ['nothing', Buffer.alloc(0), /empty/],
    ['a preamble', Buffer.concat([Buffer.from('x\r\n'), form(field('a', '1'))]), /does not begin/],
    ['another boundary', Buffer.from('--c\r\n\r\n--c--'), /does not begin/],
    ['an epilogue', Buffer.concat([form(field('a', '1')), Buffer.from('--b\r\n')]), /follows the last/],
    ['no end', Buffer.from(field('a', '1')), /line end|breaks off/],
    ['bare line feeds', Buffer.from(field('a', '1').replaceAll('\r\n', '\n')), /line end/],
    ['a field twice', form(field('model', 'a'), field('model', 'b')), /more than once/],
    ['a field that is a file too', form(field('model', 'a'), file('model', 'b')), /more than once/],
    ['a name that needs an escape', form(field('mo\\"del', 'a')), /plain name/],
    [
      'a name in two ways',
      form('--b\r\ncontent-disposition: form-data; name="a"; name="b"\r\n\r\nx\r\n'),
      /plain name/,
    ],
    ['no name', form('--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n'), /plain name/],
    ['no headers', form('--b\r\n\r\n\r\nx\r\n'), /header/],
    ['a folded header', form('--b\r\ncontent-disposition: form-data;\r\n name="a"\r\n\r\nx\r\n'), /header/],
    [
      'a header twice',
      form('--b\r\ncontent-type: a/b\r\ncontent-type: a/c\r\ncontent-disposition: form-data; name="a"\r\n\r\nx\r\n'),
      /header/,
    ],
    [
      'an encoding',
      form('--b\r\ncontent-transfer-encoding: base64\r\ncontent-disposition: form-data; name="a"\r\n\r\nx\r\n'),
      /encoded as base64/,
    ],
    ['headers without an end', Buffer.from(`--b\r\n${'x'.repeat(5_000)}`), /do not end/],
    ['too many parts', form(...Array.from({ length: formLimits.parts + 1 }, () => field('a[]', '1'))), /more than 128/],
  ])('with %s is refused (N1)', (_, body, message) => {
    expect(refusalOf(body)).toMatch(message)
  })

  it('whose lists repeat their name is taken', () => {
    expect(
      refusalOf(form(field('include[]', 'a'), field('include[]', 'b'), file('image[]', '1'), file('image[]', '2'))),
    ).toBe(undefined)
  })

  it('is read or refused, whatever it holds', () => {
    const piece = fc.constantFrom(
      '--b',
      '\r\n',
      '--',
      'content-disposition: form-data; name="a"',
      ':',
      'x',
      '\n',
      '\x00',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
        const told = refusalOf(Buffer.from(pieces.join(''), 'latin1'))
        expect(told === undefined || typeof told === 'string').toBe(true)
      }),
      { seed: 7, numRuns: 2_000 },
    )
  })
})
