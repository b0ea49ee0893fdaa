import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Guardrails over operations other than chats: forms, plain text, sound (failures.md G1). */
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  openai: { kind: openai, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
  voyage: { kind: voyage, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY } }
models:
  hear: { targets: [{ provider: openai, model: whisper-1 }], retry: { maxAttempts: 1 } }
  speak: { targets: [{ provider: openai, model: gpt-4o-mini-tts }], retry: { maxAttempts: 1 } }
  embed: { targets: [{ provider: voyage, model: voyage-3.5 }], retry: { maxAttempts: 1 } }
guardrails:
  no-cards: { find: [card], action: redact }
  titan: { terms: [Project Titan], action: block }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

beforeEach(() => upstream.forget())

const card = '4111 1111 1111 1111'

describe('guardrails', () => {
  it('G2 write a text of a form anew, and leave its file as it came', async () => {
    replay('application/json', JSON.stringify({ text: 'Hello', usage: { type: 'duration', seconds: 3 } }))
    expect((await listen({ prompt: `my card is ${card}`, language: 'en' })).status).toBe(200)
    const sent = upstream.seen.at(-1)?.body.toString('latin1') ?? ''
    expect(sent).not.toContain(card)
    expect(sent).toContain('RIFF')
    expect(sent).toMatch(/name="model"\r\n\r\nwhisper-1\r\n/)
  })

  it('G2 look at every field of a form', async () => {
    const told = await listen({ prompt: 'about Project Titan' })
    expect([told.status, await told.json()]).toMatchObject([403, { error: { code: 'guardrail_blocked' } }])
  })

  it('G1 look at a transcript, as JSON and as plain text', async () => {
    replay('application/json', JSON.stringify({ text: 'Project Titan', usage: { type: 'duration', seconds: 3 } }))
    expect((await listen({})).status).toBe(403)
    replay('text/plain', 'all about Project Titan')
    expect((await listen({ response_format: 'text' })).status).toBe(403)
    replay('text/plain', `it is ${card}, I say`)
    const told = await listen({ response_format: 'text' })
    expect(told.headers.get('content-type')).toBe('text/plain')
    expect(await told.text()).toMatch(/^it is (?!4111).*, I say$/)
  })

  it('G1 G3 look at the stream of a transcript, wherever it is cut, and at what is said again at its end', async () => {
    const text = `it is ${card}, I say`
    for (let cut = 1; cut < text.length; cut += 2) {
      replay('text/event-stream', transcriptOf([text.slice(0, cut), text.slice(cut)]))
      const told = await (await listen({ stream: 'true' })).text()
      expect(told).not.toMatch(/4111|"logprobs"/)
      const said = [...told.matchAll(/"(delta|text)":"([^"]*)"/g)]
      expect(said.flatMap(([, key, piece]) => (key === 'delta' ? [piece] : [])).join('')).toBe('it is [CARD], I say')
      expect(said.at(-1)?.slice(1)).toEqual(['text', 'it is [CARD], I say'])
    }
    replay('text/event-stream', transcriptOf(['about Project Ti', 'tan']))
    const blocked = await (await listen({ stream: 'true' })).text()
    expect(blocked).toContain('guardrail_blocked')
    expect(blocked).not.toMatch(/Project|"tan"/)
  })

  it('look at what is to be spoken, and pass the sound on', async () => {
    replay('audio/mpeg', 'ID3')
    const told = await post('/v1/audio/speech', { model: 'speak', voice: 'alloy', input: `say ${card}` })
    expect(await told.text()).toBe('ID3')
    expect(upstream.seen.at(-1)?.body.toString()).not.toContain(card)
  })

  it('look at what is embedded, in the words of whoever asks', async () => {
    replay('application/json', JSON.stringify({ data: [{ index: 0, embedding: [0.5] }], usage: { total_tokens: 3 } }))
    const told = await post('/v2/embed', { model: 'embed', texts: [`my card is ${card}`], input_type: 'search_query' })
    expect(await told.json()).toMatchObject({ embeddings: { float: [[0.5]] } })
    expect(upstream.seen.at(-1)?.body.toString()).not.toContain(card)
  })
})

function listen(fields: Readonly<Record<string, string>>): Promise<Response> {
  const body = new FormData()
  body.set('model', 'hear')
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  body.set('file', new Blob(['RIFF']), 'a.wav')
  const headers = { authorization: `Bearer ${weir.key}` }
  return fetch(`${weir.gateway.dataOrigin}/v1/audio/transcriptions`, { method: 'POST', headers, body })
}

function transcriptOf(pieces: readonly string[]): string {
  const events = [
    ...pieces.map((delta) => ({ type: 'transcript.text.delta', delta, logprobs: [{ token: delta, logprob: 0 }] })),
    { type: 'transcript.text.done', text: pieces.join(''), usage: { type: 'duration', seconds: 3 } },
  ]
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
}

function post(path: string, body: object): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

function replay(contentType: string, body: string): void {
  upstream.answer({ status: 200, headers: { 'content-type': contentType }, body: Buffer.from(body) })
}
