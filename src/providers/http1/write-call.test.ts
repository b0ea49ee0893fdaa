import net from 'node:net'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { mergedBytes, UnwordableCall, wordCall, writeCall, type CallToWord } from './write-call.ts'

const call = (changes: Partial<CallToWord> = {}): CallToWord => ({
  method: 'POST',
  path: '/v1/x?y=z',
  headers: ['X-One', '1'],
  body: Buffer.from('{}'),
  ...changes,
})
const empty = Buffer.alloc(0)

describe('a call', () => {
  it.each([
    ['POST', Buffer.from('{}'), 'content-length: 2\r\n', true],
    ['POST', empty, 'content-length: 0\r\n', true],
    ['PATCH', empty, 'content-length: 0\r\n', true],
    ['GET', empty, '', true],
    ['DELETE', empty, '', true],
    ['DELETE', Buffer.from('{}'), 'content-length: 2\r\n', false],
  ])('%s with %o is framed by its length, and says so once', (method, body, length, mayFollow) => {
    expect(wordCall(call({ method, body }), 'host:1', 'keep-alive')).toEqual({
      head: `${method} /v1/x?y=z HTTP/1.1\r\nhost: host:1\r\nconnection: keep-alive\r\nX-One: 1\r\n${length}\r\n`,
      body,
      mayFollow,
    })
  })

  it('may be the last of its connection, or ask for another protocol', () => {
    expect(wordCall(call(), 'h', 'close')).toMatchObject({
      head: expect.stringContaining('\r\nconnection: close\r\n'),
      mayFollow: false,
    })
    expect(wordCall(call({ method: 'GET', body: empty }), 'h', 'websocket')).toMatchObject({
      head: expect.stringContaining('\r\nconnection: upgrade\r\nupgrade: websocket\r\n'),
      mayFollow: false,
    })
  })

  it.each(['/a b', '/a\r\nx: y', '/a\n', '/\0', '/a\tb', '', 'a', 'http://other.example/', '/\u2028'])(
    'N1: does not leave for a path such as %j',
    (path) => {
      expect(() => wordCall(call({ path }), 'h', 'keep-alive')).toThrow(new UnwordableCall('invalid path'))
    },
  )

  it.each([
    'canary\r\nx-evil: 1',
    'canary\n',
    'canary\r',
    'canary\0',
    'canary\x7f',
    'canary\x1b',
    'canary\u2028',
    'canary\u0100',
  ])('N1: does not leave with a value such as %j, and the value is told to nobody', (value) => {
    const headers = ['x-one', '1', 'x-api-key', value]
    expect(() => wordCall(call({ headers }), 'h', 'keep-alive')).toThrow(new UnwordableCall('invalid x-api-key header'))
  })

  it.each(['', ' ', 'x y', 'x:', 'x\r\n', 'x\0', 'x\u0161', 'x ', '(x)'])(
    'N1: does not leave with a name such as %j',
    (name) => {
      expect(() => wordCall(call({ headers: [name, '1'] }), 'h', 'keep-alive')).toThrow(
        new UnwordableCall('invalid name of a header'),
      )
    },
  )

  it.each([
    'Host',
    'connection',
    'Content-Length',
    'transfer-encoding',
    'TE',
    'upgrade',
    'expect',
    'keep-alive',
    'trailer',
  ])('N1: is framed by nobody else: no header %s is taken', (name) => {
    expect(() => wordCall(call({ headers: [name, '1'] }), 'h', 'keep-alive')).toThrow(`invalid ${name} header`)
  })

  it('may have values that are empty, have tabs, or are more than ASCII', () => {
    const headers = ['x', '', 'content-lengths', 'a\tb', 'y', '\xe4\xff']
    expect(wordCall(call({ headers }), 'h', 'close').head).toContain('x: \r\ncontent-lengths: a\tb\r\ny: \xe4\xff\r\n')
  })
})

describe('what is written', () => {
  it.each([0, 2, mergedBytes, mergedBytes + 1, 3_000_000])(
    'is head and body in full, with a body of %d bytes',
    async (size) => {
      const heard: Buffer[] = []
      const server = net.createServer((socket) =>
        socket.on('data', (bytes) => heard.push(Buffer.from(bytes))).on('end', () => server.close()),
      )
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const socket = net.connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
      const worded = wordCall(call({ headers: ['x', '\xe4'], body: Buffer.alloc(size, 'b') }), 'h', 'keep-alive')
      writeCall(socket, worded)
      socket.end()
      await once(server, 'close')
      expect(Buffer.concat(heard).equals(Buffer.concat([Buffer.from(worded.head, 'latin1'), worded.body]))).toBe(true)
    },
  )
})
