import type { Arbitrary } from 'fast-check'
import fc from '../../../../test/seeded-fast-check.ts'

/** An answer as its bytes, one character each, and what its headers are called. */
export interface SaidAnswer {
  readonly text: string
  readonly names: readonly string[]
}

const token = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.~!#$%&'), minLength: 1, maxLength: 12 })
const visible = fc.string({ unit: fc.constantFrom(...'aZ09 ,;:="/\t\\~\xe4\xff'), maxLength: 24 })
const framingNames = ['connection', 'content-length', 'transfer-encoding', 'keep-alive', 'upgrade', 'proxy-connection']
const header = fc
  .tuple(token, fc.constantFrom('', ' ', '  ', '\t'), visible, fc.constantFrom('', ' ', '\t '))
  .filter(([name]) => !framingNames.includes(name.toLowerCase()))
const headers = fc.array(header, { maxLength: 6 })
const bodyText = fc.string({ unit: fc.constantFrom(...'a{}\r\n\0\xff0'), maxLength: 60 })
const line = fc.constantFrom('HTTP/1.1', 'HTTP/1.0')
const status = fc.constantFrom('200 OK', '200', '200 ', '201 Made', '429 Too Many', '503 \xfcber', '999 X', '404 a\tb')
const connection = fc.constantFrom(
  '',
  '',
  'connection: keep-alive\r\n',
  'Connection: close\r\n',
  'connection: x, Close\r\n',
)
const hints = fc.array(
  fc.constantFrom('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n', 'HTTP/1.1 102 Processing\r\n\r\n'),
  { maxLength: 2 },
)
const extension = fc.constantFrom('', '', '', ';a', ';a=b', ';a="b c"', ';a=b;c="\\""')

/** Answers that are right, of every framing. */
export const rightAnswers: Arbitrary<SaidAnswer> = fc
  .record({
    hints,
    line,
    status,
    headers,
    connection,
    framing: fc.constantFrom('sized', 'chunked', 'until-close', 'none'),
  })
  .chain(({ framing, ...head }) => bodyOf(framing).map((body) => ({ ...head, ...body })))
  .map(({ hints, line, status, headers, connection, framing, body, code }) => {
    const lines = headers.map(([name, before, value, after]) => `${name}:${before}${value}${after}\r\n`)
    const start = `${line} ${code ?? status}\r\n`
    return {
      text: `${hints.join('')}${start}${lines.join('')}${connection}${framing}\r\n${body}`,
      names: headers.map(([name]) => name.toLowerCase()),
    }
  })

interface SaidBody {
  readonly framing: string
  readonly body: string
  readonly code?: string
}

function bodyOf(framing: string): Arbitrary<SaidBody> {
  switch (framing) {
    case 'sized':
      return fc
        .tuple(bodyText, fc.constantFrom('Content-Length: ', 'content-length:', 'content-length:  00'))
        .map(([body, name]) => ({ framing: `${name}${body.length}\r\n`, body }))
    case 'chunked':
      return fc
        .tuple(
          fc.array(fc.tuple(bodyText, extension), { maxLength: 4 }),
          fc.constantFrom('', 'x-t: 1\r\n', 'A:\r\nb: c\r\n'),
        )
        .map(([parts, trailers]) => ({
          framing: 'Transfer-Encoding: Chunked\r\n',
          body: `${parts
            .filter(([text]) => text !== '')
            .map(([text, more]) => `${text.length.toString(16)}${more}\r\n${text}\r\n`)
            .join('')}0\r\n${trailers}\r\n`,
        }))
    case 'none':
      return fc.constantFrom('204 No Content', '304 Not Modified').map((code) => ({ framing: '', body: '', code }))
    default:
      return bodyText.map((body) => ({ framing: '', body }))
  }
}

/** Pieces that mean something between the parts of an answer. */
const piece = fc.constantFrom(
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '=',
  '"',
  '0',
  '1',
  'f',
  '-',
  '+',
  '\x0b',
  '\x7f',
  '\x85',
  '\xa0',
  '\r\n ',
  '\r\n\r\n',
  'chunked',
  'close',
  'content-length: 1\r\n',
  'transfer-encoding: chunked\r\n',
  '0\r\n\r\n',
  'HTTP/1.1 ',
)

/** Answers that were right before some of their bytes were changed. */
export const changedAnswers: Arbitrary<SaidAnswer> = fc
  .tuple(
    rightAnswers,
    fc.array(fc.record({ at: fc.nat(), drops: fc.nat(3), puts: fc.option(piece, { nil: '' }) }), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([{ text, names }, changes]) => ({
    names,
    text: changes.reduce((said, { at, drops, puts }) => {
      const place = at % (said.length + 1)
      return said.slice(0, place) + puts + said.slice(place + drops)
    }, text),
  }))

/** The bytes of a text, cut at some places. */
export function cutAt(text: string, places: readonly number[]): readonly Buffer[] {
  const bytes = Buffer.from(text, 'latin1')
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((one, other) => one - other)
  return [0, ...cuts].map((from, nth) => bytes.subarray(from, cuts[nth])).filter(({ length }) => length > 0)
}
