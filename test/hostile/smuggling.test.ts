import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { sendBytes } from './raw-client.ts'
import { open, smugglingCases } from './smuggling-cases.ts'

const answer = Buffer.from(
  '{"id":"c","object":"chat.completion","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
)

let upstream: ReplayUpstream
let weir: RunningGateway
let port: number

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    config: `
providers: { replay: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1" } }
models: { m: { targets: [{ provider: replay, model: m }] } }
`,
  })
  port = Number(new URL(weir.gateway.dataOrigin).port)
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

describe('N1 request smuggling', () => {
  it('is tried in more than 60 ways', () => {
    expect(smugglingCases.length).toBeGreaterThanOrEqual(60)
    expect(new Set(smugglingCases.map(({ name }) => name)).size).toBe(smugglingCases.length)
    expect(smugglingCases.filter(({ outcome, because }) => (outcome === 'alone') !== (because !== undefined))).toEqual(
      [],
    )
  })

  it.each(smugglingCases)('$outcome: $name', async ({ bytes, outcome, thenEnds }) => {
    const before = upstream.seen.length
    if (outcome === 'alone')
      upstream.answer({ status: 200, headers: { 'content-type': 'application/json' }, body: answer })
    const sent = Buffer.from(bytes.replaceAll('{key}', weir.key), 'latin1')
    const { statuses, text } = await sendBytes(port, sent, thenEnds)
    const seen = upstream.seen.slice(before)
    // What reached the provider was judged here, byte for byte, and nothing else did.
    expect(seen.map(({ body }) => body.toString('latin1'))).toEqual(outcome === 'alone' ? [open] : [])
    expect(text).not.toContain('smuggled')
    const [first, ...rest] = statuses
    if (outcome === 'alone') {
      expect(first).toBe(200)
      expect(rest.every((status) => status === 400)).toBe(true)
    } else {
      expect(first).toBeGreaterThanOrEqual(400)
      expect(first).toBeLessThan(500)
      expect(rest).toEqual([])
    }
  })

  it('has cost nothing of ours: no bug was logged, and the gateway serves on', async () => {
    expect(weir.logged()).not.toContain('"msg":"bug"')
    upstream.answer({ status: 200, headers: { 'content-type': 'application/json' }, body: answer })
    const called = await fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
      body: open,
    })
    expect(called.status).toBe(200)
  })
})
