import net from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordings, reportMissingCorpus } from '../corpus.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { randomCuts, seededRandom, startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { endsWell } from './sdk/recorded-stream.ts'
import { ownCases } from './sdk/own-cases.ts'
import { recordedCases, type SdkCase } from './sdk/cases.ts'

/**
 * Some clients take what they read at once for whole events, and the events of Responses are large: the last one tells the whole
 * answer again. Whatever way the provider's bytes come, ours leave event by event: each chunk of HTTP ends where an event does.
 */
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'k' },
    config: `
providers:
  openai: { kind: openai, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  claude: { kind: anthropic, baseUrl: "${upstream.origin}", credentials: { apiKey: env:KEY } }
models:
  same: { targets: [{ provider: openai, model: m }] }
  translated: { targets: [{ provider: claude, model: m }] }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

describe('a stream of Responses through the gateway', () => {
  it('keeps each event in one piece, wherever the provider’s bytes are cut', async () => {
    await expectWholeEvents('same', streamsOf('responses'))
  })

  it('keeps each event in one piece when it is translated', async () => {
    await expectWholeEvents('translated', streamsOf('messages'))
  })

  it('keeps an event of a megabyte in one piece', async () => {
    const event = { type: 'response.output_text.delta', delta: 'x'.repeat(1024 * 1024), sequence_number: 1 }
    const large = Buffer.from(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    const [whole] = streamsOf('responses')
    if (!whole) throw new Error('there is no stream')
    const chunks = await chunksOf('same', Buffer.concat([large, whole]), 1)
    expect(chunks.filter((chunk) => !isWhole(chunk))).toEqual([])
    expect(chunks.some((chunk) => chunk.length > event.delta.length)).toBe(true)
  })
})

describe('a burst of events that are translated', () => {
  it('waits once for its reader, and not once for each event', async () => {
    const warnings: string[] = []
    const note = ({ name, message }: Error) => void warnings.push(`${name}: ${message}`)
    process.on('warning', note)
    const [first = ''] = streamsOf('messages').map(String)
    const delta = { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'so much '.repeat(50) } }
    const many = `event: ${delta.type}\ndata: ${JSON.stringify(delta)}\n\n`.repeat(400)
    const place = first.indexOf('event: content_block_stop\ndata: {"type":"content_block_stop","index":1}')
    expect(place).toBeGreaterThan(0)
    const chunks = await chunksOf('translated', Buffer.from(first.slice(0, place) + many + first.slice(place)), 1, 0)
    // Warnings are told in a later turn.
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', note)
    expect(chunks.join('').split('so much so much').length).toBeGreaterThan(400)
    expect(warnings).toEqual([])
  })
})

async function expectWholeEvents(modelName: string, streams: readonly Buffer[]): Promise<void> {
  let count = 0
  const broken: string[] = []
  for (const [seed, bytes] of streams.entries()) {
    const chunks = await chunksOf(modelName, bytes, seed)
    count += chunks.length
    broken.push(...chunks.filter((chunk) => !isWhole(chunk)).map((chunk) => `${seed}: ...${chunk.slice(-80)}`))
  }
  console.log(
    `${modelName}: ${streams.length} streams in ${count} chunks of HTTP, ${broken.length} of them with part of an event`,
  )
  expect(broken).toEqual([])
  expect(count).toBeGreaterThan(streams.length)
}

function streamsOf(api: 'responses' | 'messages'): readonly Buffer[] {
  if (recordings(api).length === 0) reportMissingCorpus(`events of ${api}`)
  return [...ownCases(api), ...recordedCases(api)].filter(isGoodStream).map(({ answer }) => answer.body)
}

function isGoodStream(one: SdkCase): boolean {
  return one.isStream && one.answer.status === 200 && endsWell(one)
}

/** @returns the chunks of HTTP that the client gets, as texts, in order. */
async function chunksOf(model: string, body: Buffer, seed: number, mostCuts = 40): Promise<readonly string[]> {
  const headers = { 'content-type': 'text/event-stream' }
  const count = Math.min(mostCuts, Math.ceil(body.length / 60))
  upstream.answer({ status: 200, headers, body, cuts: randomCuts(body.length, count, seededRandom(seed)) })
  const call = JSON.stringify({ model, input: 'Hello', stream: true, store: false })
  const { hostname, port } = new URL(weir.gateway.dataOrigin)
  const socket = net.connect({ host: hostname, port: Number(port) })
  const head = ['POST /v1/responses HTTP/1.1', 'host: weir', 'connection: close', 'content-type: application/json']
  socket.write(
    [...head, `authorization: Bearer ${weir.key}`, `content-length: ${Buffer.byteLength(call)}`, '', call].join('\r\n'),
  )
  const parts: Buffer[] = []
  for await (const part of socket) if (Buffer.isBuffer(part)) parts.push(part)
  const said = Buffer.concat(parts)
  const start = said.indexOf('\r\n\r\n') + 4
  expect(said.subarray(0, start).toString()).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\ntransfer-encoding: chunked\r\n/i)
  return dechunked(said.subarray(start))
}

/** RFC 9112, section 7.1: the length in hexadecimal, CRLF, so many bytes, CRLF; a length of zero is the end. */
function dechunked(bytes: Buffer): readonly string[] {
  const chunks: string[] = []
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) throw new Error('the body has no last chunk')
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (length === 0) return chunks
    chunks.push(bytes.toString('utf8', lineEnd + 2, lineEnd + 2 + length))
    at = lineEnd + 2 + length + 2
  }
}

function isWhole(chunk: string): boolean {
  return /^(?:event|data|id|retry|:)/.test(chunk) && /(?:\n\n|\r\n\r\n|\r\r)$/.test(chunk)
}
