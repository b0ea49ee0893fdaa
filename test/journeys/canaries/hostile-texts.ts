import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { corpusDir, reportMissingCorpus } from '../../corpus.ts'

/** Texts that would end a line, a header or a label, or play tricks on a terminal, a shell or a spreadsheet. */
export function hostileTexts(): readonly string[] {
  if (corpusDir === undefined) {
    reportMissingCorpus('naughty strings')
    return own
  }
  const naughty = JSON.parse(readFileSync(join(corpusDir, 'bad-inputs', 'naughty-strings.json'), 'utf8')) as string[]
  return [...own, ...naughty]
}

const own: readonly string[] = [
  'a\r\nset-cookie: b=1',
  'a\n{"level":50,"msg":"exchange"}',
  '\u001b[31mred',
  '\u009b31m',
  'a\u0085b',
  'a\u2028b\u2029c',
  '\u202egnol',
  '\u2066x\u2069',
  '\0',
  '模型',
  '😀',
  '\ud800',
  '50%',
  ' x ',
  '"} 1\nforged_total 1',
  '=HYPERLINK("x")',
  '../../etc/passwd',
  '__proto__',
  'constructor',
]

/** Whether `fetch` agrees to send it as the value of a header; the others go over a raw socket. */
export function isSendable(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text)
}

/** Sends bytes as they are, and gives what came back until the other side hung up. */
export function sendRaw(port: number, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (part: string) => (text += part))
  socket.on('end', () => resolve(text))
  socket.on('error', reject)
  socket.write(bytes, 'latin1')
  return promise
}
