import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { keepHearing, mostKeptBytes } from './keep-hearing.ts'

let server: Server | undefined
let client: Socket | undefined

afterEach(() => {
  client?.destroy()
  server?.close()
})

/** The gateway's side of a connection on which somebody waits. */
async function waitingOn(): Promise<Socket> {
  server = createServer({ allowHalfOpen: false })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  return socket
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('what a client says before its turn comes first to whoever listens then, in order', async () => {
  const socket = await waitingOn()
  const handOver = keepHearing(socket, Buffer.from('one '))
  client?.write('two ')
  while (socket.bytesRead < 4) await turn()
  handOver()
  let text = ''
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()))
  client?.write('three')
  while (!text.endsWith('three')) await turn()
  expect(text).toBe('one two three')
})

it('a client that leaves before its turn is seen to, also after it has said something', async () => {
  const socket = await waitingOn()
  keepHearing(socket)
  const closed = once(socket, 'close')
  client?.end('hello')
  await closed
})

it('no more than a bound is kept of a client that goes on, and nothing of it is lost', async () => {
  const socket = await waitingOn()
  const handOver = keepHearing(socket)
  const said = Buffer.alloc(16 * mostKeptBytes, 'abc')
  client?.end(said)
  while (!socket.isPaused()) await turn()
  for (let turns = 0; turns < 20; turns += 1) await turn()
  // One read and what waits in the socket come on top.
  expect(socket.bytesRead).toBeLessThan(said.length / 2)
  handOver()
  const heard: Buffer[] = []
  socket.on('data', (bytes: Buffer) => heard.push(bytes))
  await once(socket, 'end')
  expect(Buffer.concat(heard).equals(said)).toBe(true)
})
