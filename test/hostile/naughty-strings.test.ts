import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeCsv } from '../../src/admin/csv.ts'
import { hostileTexts } from '../journeys/canaries/hostile-texts.ts'
import { doors, meansTheSame, openHostileHouse, type HostileHouse } from './house.ts'

let house: HostileHouse
const texts = hostileTexts()

beforeAll(async () => {
  house = await openHostileHouse()
})

afterAll(() => house.close())

const [chat] = doors

describe('D4 naughty strings', () => {
  it('L6 in every header are no fault of ours: 200, or 400 where they are no header; none reaches the provider', async () => {
    for (const text of texts) {
      const told = JSON.stringify(text)
      const before = house.seen.length
      const status = await sendWithHeaders(text)
      expect([told, [200, 400].includes(status)]).toEqual([told, true])
      const asked = house.seen.slice(before)
      expect([told, asked.length]).toEqual([told, status === 200 ? 1 : 0])
      expect(JSON.stringify(asked)).not.toContain('x-naughty')
    }
    expect(house.weir.logged()).not.toContain('"msg":"bug"')
  })

  it('L6 as metadata are kept as they were given, or refused where they hold control characters', async () => {
    if (!chat) throw new Error('no door')
    const counts = new Map<number, number>()
    for (const text of texts) {
      const told = JSON.stringify(text)
      const metadata = JSON.stringify({ a: text, [text]: 'b' }).replaceAll(/[\u007f-\uffff]/g, (one) => {
        return `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`
      })
      const ended = house.weir.finished.length
      const { status } = await house.post(chat, Buffer.from(`${chat.start}}`), { 'x-weir-metadata': metadata })
      counts.set(status, (counts.get(status) ?? 0) + 1)
      await house.weir.ended(ended + 1)
      if (status !== 200) expect([told, status]).toEqual([told, 400])
      else expect(JSON.parse(house.weir.finished.at(-1)?.records[0]?.metadata ?? '')).toEqual(JSON.parse(metadata))
    }
    expect(counts.get(200)).toBeGreaterThan(counts.get(400) ?? 0)
  })

  it('in bodies of every path mean the same to the provider', async () => {
    for (const door of doors) {
      for (const text of texts) {
        const members = JSON.stringify({ user: text, hostile: [text, { [text]: text }] }).slice(1)
        const body = Buffer.from(`${door.start},${members}`)
        const { status, sent } = await house.post(door, body)
        const told = `${door.path} ${JSON.stringify(text)}`
        expect([told, status]).toEqual([told, 200])
        expect([told, meansTheSame(sent ?? Buffer.alloc(0), body)]).toEqual([told, true])
      }
    }
  })

  it('L6 in the cells of a CSV come back, and none begins as a formula does', () => {
    const rows = texts.map((text) => [text, `${text}`])
    const read = readCsv(writeCsv(['one', 'two'], rows))
    expect(read).toHaveLength(rows.length + 1)
    for (const [place, [text = '']] of rows.entries()) {
      const [cell = '', second] = read[place + 1] ?? []
      expect(cell).toBe(second)
      expect(cell).not.toMatch(/^[=+\-@\t\r]/)
      expect(cell.replace(/^'(?=[=+\-@\t\r\uff0b\uff0d\uff1d\uff20])/, '')).toBe(text)
    }
  })
})

/** As UTF-8 bytes, since `fetch` would not send many of these. @returns the status of the first answer. */
function sendWithHeaders(text: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const body = `${chat?.start ?? ''}}`
  const headers = ['user-agent', 'accept', 'accept-language', 'x-request-id', 'anthropic-beta', 'x-stainless-lang']
  const lines = [
    'POST /v1/chat/completions HTTP/1.1',
    'host: x',
    `authorization: Bearer ${house.weir.key}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    'connection: close',
    'x-naughty: x-naughty',
    ...headers.map((name) => `${name}: ${text}`),
  ]
  const socket = connect(house.port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('latin1')
  socket.on('data', (part: string) => (answer += part))
  socket.on('error', () => socket.destroy())
  socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? Number.NaN)))
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  return promise
}

/** RFC 4180, read without the library that wrote it. */
function readCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]]
  const cell = /(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n|$)/gy
  for (let match = cell.exec(text); match && cell.lastIndex <= text.length; match = cell.exec(text)) {
    rows.at(-1)?.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'))
    if (match[3] === '\r\n') rows.push([])
    if (match[3] === '' || cell.lastIndex === text.length) break
  }
  if (rows.at(-1)?.length === 0) rows.pop()
  return rows
}
