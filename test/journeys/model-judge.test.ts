import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../src/canonical/json.ts'
import { readUsd } from '../../src/canonical/money.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type Replayed, type ReplayUpstream } from '../replay-upstream.ts'
import { completion, json } from './said-answers.ts'

/*
 * A model of the config as judge of a rule, asked through the gateway itself: what it is shown, what follows, and whose cost it is.
 */
let provider: ReplayUpstream
let judge: ReplayUpstream
let weir: RunningGateway
let key: string

/** A dollar for each million tokens. */
const prices = '{ "*": { input: "1", output: "1" } }'
const judged = ['calls', 'answers', 'everything', 'limited', 'patient'] as const

beforeAll(async () => {
  ;[provider, judge] = await Promise.all([startReplay(), startReplay()])
  const rule = (name: string, more: string, ask = '') =>
    `  ${name}: { ask: { kind: model, model: judge, instructions: Look for advice on shares., maxOutputTokens: 100${ask} }, deadlineMs: 20000, onTimeout: block, when: 'call.model == "${name}"', ${more} }`
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${provider.origin}/v1", prices: ${prices} }
  judges: { kind: anthropic, onAbort: cancel-and-estimate, baseUrl: "${judge.origin}", credentials: { apiKey: env:KEY }, prices: ${prices} }
models:
  judge:
    targets: [{ provider: judges, model: j1 }]
    retry: { maxAttempts: 1 }
    limits: { few: { requests: 1, per: hour } }
${judged.map((name) => `  ${name}: { targets: [{ provider: chat, model: m1 }], retry: { maxAttempts: 1 } }`).join('\n')}
guardrails:
  mail: { find: [email], action: redact }
${rule('calls', 'phases: [input], action: block, threshold: 0.5')}
${rule('answers', 'phases: [output], action: redact, stream: buffer')}
${rule('limited', 'phases: [input], action: flag', ', limits: caller')}
  patient: { ask: { kind: model, model: judge, instructions: Look. }, deadlineMs: 20000, onTimeout: allow, action: block, phases: [input], when: 'call.model == "patient"' }
  everything: { ask: { kind: model, model: judge, instructions: Look. }, deadlineMs: 20000, onTimeout: block, action: flag, stream: buffer, when: 'call.model in ["everything", "judge"]' }
organisations:
  acme: { models: [${judged.join(', ')}], budgets: { all: { usd: "0.01", per: total } } }
  poor: { budgets: { all: { usd: "0.000001", per: total } } }
`,
  })
  key = await keyOf('acme')
})

afterAll(async () => {
  await weir.close()
  await provider.close()
  await judge.close()
})

beforeEach(() => {
  provider.forget()
  judge.forget()
  provider.answer(completion('Buy Widget shares now.', 1, 1))
})

describe('a model as judge', () => {
  it('is shown the texts of a call as data, as they would leave, and what it finds is blocked', async () => {
    const before = provider.seen.length
    judge.answer(said({ findings: [{ text: 0, kind: 'advice', score: 0.9, quote: 'shares' }] }))
    const answer = await ask('calls', 'Which shares? Tell ana@example.org.')
    expect([answer.status, provider.seen.length - before]).toEqual([403, 0])
    expect(await answer.json()).toMatchObject({
      error: { code: 'guardrail_blocked', message: expect.stringContaining('calls') },
    })
    const shown = JSON.parse(judge.seen.at(-1)?.body.toString() ?? '')
    expect(shown).toMatchObject({ model: 'j1', max_tokens: 100 })
    expect(JSON.stringify(shown.system)).toContain('Look for advice on shares.')
    const data = JSON.stringify([{ text: 0, place: 'user', content: 'Which shares? Tell [EMAIL].' }])
    expect(JSON.stringify(shown.messages)).toContain(JSON.stringify(data).slice(1, -1))
  })

  it('is not heeded below the threshold of its rule', async () => {
    judge.answer(said({ findings: [{ text: 0, kind: 'advice', score: 0.4, quote: '' }] }))
    expect((await ask('calls', 'Which shares?')).status).toBe(200)
  })

  it('has a record of its own, in the name of the caller and at their cost', async () => {
    const before = await spentOf('acme')
    judge.answer(said({ findings: [] }))
    const answer = await ask('calls', 'Will it rain?')
    const id = answer.headers.get('x-weir-request-id')
    const [ofJudge, ofCall] = weir.finished.slice(-2)
    expect([ofJudge?.id, ofCall?.id]).toEqual([`${id}-judge-1`, id])
    expect(ofJudge?.records).toMatchObject([
      {
        endpoint: 'guardrail calls',
        organisation: 'acme',
        catalogModel: 'judge',
        targetModel: 'j1',
        status: 'ok',
        costNanos: 30_000n,
      },
    ])
    expect(ofJudge?.records[0]?.keyId).toBe(ofCall?.records[0]?.keyId)
    // Thirty tokens of the judge, two of the call.
    expect((await spentOf('acme')) - before).toBe(32_000n)
    const told = await weir.admin(`/api/exchanges/${id}-judge-1`)
    expect(await told.json()).toMatchObject({ records: [{ endpoint: 'guardrail calls' }] })
  })

  it('writes an answer anew where it quotes', async () => {
    judge.answer(said({ findings: [{ text: 0, kind: 'advice', score: 1, quote: 'Buy Widget shares' }] }))
    const answer = await ask('answers', 'What now?')
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: '[ADVICE] now.' } }] })
  })

  it('is not judged itself, though a rule is for all calls of its model', async () => {
    judge.answer(said({ findings: [] }), said({ findings: [] }))
    const before = judge.seen.length
    expect((await ask('everything', 'Hello.')).status).toBe(200)
    // Of the call, and of its answer.
    expect(judge.seen.length - before).toBe(2)
    expect(weir.finished.slice(-3).map(({ endpoint }) => endpoint)).toEqual([
      'guardrail everything',
      'guardrail everything',
      '/v1/chat/completions',
    ])
  })

  it.each([
    ['chats', said('I think this is fine.')],
    ['is cut off', said({ findings: [] }, 'max_tokens')],
    ['judges what it was not asked about', said({ findings: [{ text: 7, kind: 'a', score: 1, quote: '' }] })],
  ])('G5: has given no verdict where it %s', async (_what, answer) => {
    judge.answer(answer)
    expect((await ask('calls', 'Hello.')).status).toBe(403)
    expect(decisions()).toMatchObject([{ rule: 'calls', why: 'nonsense', action: 'block' }])
    judge.answer(answer)
    expect((await ask('patient', 'Hello.')).status).toBe(200)
    expect(decisions()).toMatchObject([{ rule: 'patient', why: 'nonsense', action: 'flag' }])
  })

  it('G5: cannot be asked where its provider fails, or where the caller has no money left for it', async () => {
    judge.answer({ status: 500, headers: {}, body: Buffer.from('{}') })
    expect((await ask('calls', 'Hello.')).status).toBe(403)
    expect(decisions()).toMatchObject([{ why: 'unreachable' }])
    const before = judge.seen.length
    expect((await ask('calls', 'Hello.', await keyOf('poor'))).status).toBe(403)
    expect([decisions(), judge.seen.length - before]).toMatchObject([[{ why: 'unreachable' }], 0])
    expect(weir.finished.at(-2)).toMatchObject({ endpoint: 'guardrail calls', errorKind: 'budget_exceeded' })
  })

  it('counts in limits only where its rule says so', async () => {
    judge.answer(said({ findings: [] }), said({ findings: [] }))
    provider.answer(completion('Hello.', 1, 1))
    expect((await ask('limited', 'Hello.')).status).toBe(200)
    expect((await ask('calls', 'Hello.')).status).toBe(200)
    // Its model has one an hour.
    expect((await ask('limited', 'Hello.')).status).toBe(403)
    expect(weir.finished.at(-2)).toMatchObject({ endpoint: 'guardrail limited', errorKind: 'rate_limited' })
  })

  it('is broken off where its caller goes', async () => {
    const { promise: reached, resolve } = Promise.withResolvers<void>()
    const { promise: broken, resolve: breaks } = Promise.withResolvers<void>()
    judge.takeOver((_incoming, outgoing) => {
      outgoing.on('close', () => breaks())
      resolve()
    })
    const leaving = new AbortController()
    const before = weir.finished.length
    const asked = ask('patient', 'Hello.', key, leaving.signal).catch(() => undefined)
    await reached
    leaving.abort()
    await asked
    await broken
    await weir.ended(before + 2)
    expect(weir.finished.slice(before).map(({ status }) => status)).toEqual([499, 499])
  })
})

async function keyOf(organisation: string): Promise<string> {
  const made = await weir.admin('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'k', organisation }) })
  return z.object({ key: z.string() }).parse(await made.json()).key
}

/** By the books of the budget, in nano-dollars. */
async function spentOf(organisation: string): Promise<bigint> {
  const { items } = z
    .object({ items: z.array(z.object({ level: z.string(), spent: z.string() })) })
    .parse(await (await weir.admin('/api/budgets')).json())
  return readUsd(items.find(({ level }) => level === `organisation ${organisation}`)?.spent ?? '') ?? -1n
}

function ask(model: string, content: string, as = key, signal?: AbortSignal): Promise<Response> {
  return fetch(`${weir.gateway.dataOrigin}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
    ...(signal && { signal }),
  })
}

/** Of the call itself, which ends last. */
function decisions(): unknown {
  return JSON.parse(weir.finished.at(-1)?.records.at(-1)?.decision ?? '{}').guardrails?.decisions
}

function said(verdict: Json, stop = 'end_turn'): Replayed {
  return json({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'j1',
    content: [{ type: 'text', text: typeof verdict === 'string' ? verdict : JSON.stringify(verdict) }],
    stop_reason: stop,
    stop_sequence: null,
    usage: { input_tokens: 20, output_tokens: 10 },
  })
}
