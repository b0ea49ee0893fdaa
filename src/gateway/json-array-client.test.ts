import { describe, expect, it } from 'vitest'
import type { Client } from './exchange.ts'
import { JsonArrayClient } from './json-array-client.ts'

function heard() {
  const told: { headers: readonly string[]; text: string } = { headers: [], text: '' }
  const client: Client = {
    readBody: () => Promise.resolve(Buffer.from('{}')),
    head: (_status, headers) => void (told.headers = headers),
    write: (bytes) => {
      told.text += bytes.toString()
      return false
    },
    drained: (then) => then(),
    end: (bytes) => void (told.text += bytes?.toString() ?? ''),
    breakOff: () => {},
    gone: () => {},
    stopped: () => {},
    isGone: false,
    hasBegun: true,
  }
  return { told, client: new JsonArrayClient(client) }
}

const events = ['content-type', 'text/event-stream; charset=utf-8', 'x-a', '1']

describe('a client that wants a stream as one array', () => {
  it('has each event as an element, and comments not at all', () => {
    const { told, client } = heard()
    client.head(200, events)
    expect(client.write(Buffer.from(': hello\n\n'))).toBe(true)
    // A slow reader is told as one.
    expect(client.write(Buffer.from('data: {"a":1}\r\n\r\ndata: {"a":2}\n\n'))).toBe(false)
    client.end(Buffer.from('data: {"a":3}\n\n'))
    expect(told.headers).toEqual(['content-type', 'application/json; charset=utf-8', 'x-a', '1'])
    expect(JSON.parse(told.text)).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }])
  })

  it('has an empty array where nothing came', () => {
    const { told, client } = heard()
    client.head(200, events)
    client.end()
    expect(told.text).toBe('[]')
  })

  it('has what is no stream as it is', () => {
    const { told, client } = heard()
    client.head(429, ['content-type', 'application/json'])
    client.end(Buffer.from('{"error":{}}'))
    expect([told.headers, told.text]).toEqual([['content-type', 'application/json'], '{"error":{}}'])
  })
})
