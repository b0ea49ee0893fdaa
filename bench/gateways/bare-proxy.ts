import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Pool, type Dispatcher } from 'undici'
import { upstream } from '../provider.ts'

/**
 * What a gateway on this runtime cannot do without: it reads the call, names the model, sends it on, parses the answer for its
 * usage and passes it back. No keys, no records, no log, no deadlines, no failover: not a gateway, but what one could cost at
 * the least. `node bare-proxy.ts PROVIDER_PORT` prints `listening PORT`.
 */
const providerPort = Number(process.argv[2])
const pools = [1, 2, 3].map(
  (last) =>
    new Pool(`http://127.0.0.${last}:${providerPort}`, {
      connections: 4_000,
      allowH2: false,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
    }),
)
let turn = 0

const server = createServer({ noDelay: true }, (incoming, outgoing) => {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => send(Buffer.concat(chunks), outgoing))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address) process.stdout.write(`listening ${address.port}\n`)
})

function send(body: Buffer, outgoing: ServerResponse<IncomingMessage>): void {
  const call = JSON.parse(body.toString()) as { model: string; stream?: boolean }
  const named = body.toString('latin1').replace(`"model":"${call.model}"`, `"model":"${upstream.modelName}"`)
  const headers = ['content-type', 'application/json', 'authorization', `Bearer ${upstream.secret}`]
  pools[turn++ % pools.length]?.dispatch(
    { method: 'POST', path: '/v1/chat/completions', headers, body: Buffer.from(named, 'latin1') },
    call.stream === true ? streamed(outgoing) : whole(outgoing),
  )
}

function whole(outgoing: ServerResponse): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = []
  return {
    onRequestStart: () => undefined,
    onResponseStart: () => undefined,
    onResponseData: (_controller, chunk) => void chunks.push(chunk),
    onResponseEnd: () => {
      const body = Buffer.concat(chunks)
      JSON.parse(body.toString())
      outgoing.writeHead(200, ['content-type', 'application/json', 'content-length', String(body.length)])
      outgoing.end(body)
    },
    onResponseError: () => void outgoing.destroy(),
  }
}

function streamed(outgoing: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart: () => undefined,
    onResponseStart: () => void outgoing.writeHead(200, ['content-type', 'text/event-stream']),
    onResponseData: (_controller, chunk) => void outgoing.write(chunk),
    onResponseEnd: () => void outgoing.end(),
    onResponseError: () => void outgoing.destroy(),
  }
}
