import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { banner } from '../../src/build/banner.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { allow, finds, startGuard, type GuardReply, type GuardServer } from '../guard-server.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { turnedClock, type TurnedClock } from '../turned-clock.ts'
import { completion } from './said-answers.ts'

/*
 * Guards that judge elsewhere, asked over real sockets (behaviour.md E11): what they find is done with as the rule says, and where they
 * say nothing, what the rule declares.
 */
let chat: ReplayUpstream
let guard: GuardServer
let weir: RunningGateway
let clock: TurnedClock

const asks = (more: string) =>
  `{ ask: { kind: http, url: "${guard.origin}/v1", key: env:GUARD }, deadlineMs: 1000, ${more} }`
const when = (model: string) => `when: 'call.model == "${model}"'`

beforeAll(async () => {
  chat = await startReplay()
  guard = await startGuard()
  clock = turnedClock()
  weir = await startGateway({
    clock,
    env: { KEY: 'upstream-key-1', GUARD: 'guard-key-1' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${chat.origin}/v1", credentials: { apiKey: env:KEY }, prices: { "*": { input: "1", output: "2" } } }
  near: { kind: openai-compatible, baseUrl: "${chat.origin}/v1", tags: [near], prices: { "*": { input: "1", output: "2" } } }
models:
${['blocks', 'redacts', 'masks', 'flags', 'lenient', 'tries', 'twice', 'slow', 'user-only', 'plain']
  .map((name) => `  ${name}: { targets: [{ provider: chat, model: m1 }] }`)
  .join('\n')}
  routes: { targets: [{ provider: chat, model: m1 }, { provider: near, model: m2 }] }
  limited: { targets: [{ provider: chat, model: m1 }], limits: { once: { requests: 1, per: hour } } }
guardrails:
  mail: { find: [email], action: mask, when: 'call.model == "redacts" || call.model == "masks"' }
  blocks: ${asks(`onTimeout: block, stream: window, action: block, when: 'call.model in ["blocks", "limited"]'`)}
  redacts: ${asks(`onTimeout: block, stream: window, action: redact, ${when('redacts')}`)}
  masks: ${asks(`onTimeout: block, action: mask, phases: [input], ${when('masks')}`)}
  flags: ${asks(`onTimeout: allow, stream: after, threshold: 0.5, action: flag, ${when('flags')}`)}
  lenient: ${asks(`onTimeout: allow, stream: buffer, action: redact, ${when('lenient')}`)}
  tries: ${asks(`onTimeout: block, stream: window, action: block, shadow: true, ${when('tries')}`)}
  routes: ${asks(`onTimeout: block, action: route, tag: near, phases: [input], ${when('routes')}`)}
  one: ${asks(`onTimeout: block, action: block, phases: [input], ${when('twice')}`)}
  other: ${asks(`onTimeout: allow, action: flag, phases: [input], ${when('twice')}`)}
  slow: { ask: { kind: http, url: "${guard.origin}" }, deadlineMs: 60000, onTimeout: block, action: block, phases: [input], ${when('slow')} }
  user-only: ${asks(`onTimeout: block, action: block, phases: [input], in: [user], ${when('user-only')}`)}
guardrailBudget: { inputMs: 5000, outputMs: 3000 }
`,
  })
})

afterEach(() => {
  guard.judge(() => allow)
  guard.forget()
  chat.forget()
})

afterAll(async () => {
  await weir.close()
  await chat.close()
  await guard.close()
})

describe('the start', () => {
  it('says which guardrails stop nothing where their guard is silent', () => {
    const line = banner(weir.gateway).match(/^ +fails .*$/m)?.[0]
    expect(line).toMatch(/ open: guardrail lenient, where .*; closed: every other guardrail/)
    expect(banner({ ...weir.gateway, guardsFailingOpen: [] })).not.toContain('fails')
  })
})

describe('a call', () => {
  it('leaves when its guard allows it; the guard hears the key, the stage and each text', async () => {
    chat.answer(completion('ok'))
    const answer = await say('blocks', 'hello')
    expect(answer.status).toBe(200)
    expect(guard.asked).toEqual([
      { path: '/v1/analyze', authorization: 'Bearer guard-key-1', text: 'hello', stage: 'input' },
      { path: '/v1/analyze', authorization: 'Bearer guard-key-1', text: 'ok', stage: 'output' },
    ])
    expect(weir.finished.at(-1)?.guardrails).toEqual([])
  })

  it('is refused with 403 where the rule blocks; no provider hears of it', async () => {
    guard.judge(finds('Titan'))
    const before = chat.seen.length
    const refused = await say('blocks', 'about 😀 Titan')
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ error: { code: 'guardrail_blocked' } })
    expect(chat.seen.length).toBe(before)
    expect(await lastDecision()).toMatchObject({
      decisions: [{ rule: 'blocks', phase: 'input', place: 'user', kind: 'name', action: 'block', count: 1 }],
    })
  })

  it('costs nothing where it is blocked: its limits are given back', async () => {
    guard.judge(finds('Titan'))
    expect((await say('limited', 'about Titan')).status).toBe(403)
    chat.answer(completion('ok'))
    expect((await say('limited', 'about nothing')).status).toBe(200)
    expect((await say('limited', 'about nothing')).status).toBe(429)
  })

  it('is redacted by places in code points, after what is masked here: the guard does not see that', async () => {
    guard.judge(finds('Ada'))
    chat.answer(completion('Dear [EMAIL_1]'))
    const answer = await say('redacts', 'é😀 Ada is ada@example.com, Ada')
    expect(guard.asked[0]?.text).toBe('é😀 Ada is [EMAIL_1], Ada')
    expect(lastSent()).toBe('é😀 [NAME] is [EMAIL_1], [NAME]')
    expect(guard.asked[1]).toMatchObject({ stage: 'output', text: 'Dear [EMAIL_1]' })
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: 'Dear ada@example.com' } }] })
  })

  it('is masked, and what was masked comes back in the answer', async () => {
    guard.judge(finds('Ada'))
    chat.answer(completion('Hello [NAME_1]'))
    const answer = await say('masks', 'I am Ada')
    expect(lastSent()).toBe('I am [NAME_1]')
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: 'Hello Ada' } }] })
  })

  it('is written as the guard would have it, where it says no places', async () => {
    guard.judge(({ text }) => ({ kind: 'json', body: { action: 'modify', replacement: text.replace('Ada', '***') } }))
    chat.answer(completion('ok'))
    await say('redacts', 'I am Ada, hello')
    expect(lastSent()).toBe('I am ***, hello')
  })

  it('goes only where a tag promises what the rule asks for', async () => {
    guard.judge(finds('Ada'))
    chat.answer(completion('ok'))
    expect((await say('routes', 'I am Ada')).headers.get('x-weir-provider')).toBe('near')
  })

  it('is told by rules that flag, from their threshold on, and by those that only try', async () => {
    guard.judge(finds('Ada'))
    chat.answer(completion('ok'), completion('ok'), completion('ok'))
    expect((await say('flags', 'I am Ada')).headers.get('x-weir-guardrails')).toBe('flags=flag')
    expect((await say('tries', 'I am Ada')).headers.get('x-weir-guardrails')).toBe('tries=block;shadow')
    guard.judge(() => ({
      kind: 'json',
      body: { action: 'block', findings: [{ type: 'x', start: 0, end: 1, score: 0.4 }] },
    }))
    expect((await say('flags', 'I am Ada')).headers.get('x-weir-guardrails')).toBeNull()
  })

  it('is asked about where the rule looks, and nowhere else', async () => {
    chat.answer(completion('ok'))
    await ask('/v1/chat/completions', {
      model: 'user-only',
      messages: [
        { role: 'system', content: 'of the house' },
        { role: 'user', content: 'of the user' },
      ],
    })
    expect(guard.asked.map(({ text }) => text)).toEqual(['of the user'])
  })

  it('is asked about by independent rules at once', async () => {
    const { promise: both, resolve } = Promise.withResolvers<void>()
    guard.judge(() => both.then(() => allow))
    chat.answer(completion('ok'))
    const answer = say('twice', 'hello')
    await guard.openAtOnce(2)
    resolve()
    expect((await answer).status).toBe(200)
  })

  it('waits no longer for all of them than the phase allows', async () => {
    guard.judge(() => ({ kind: 'silence' }))
    const refused = say('slow', 'hello')
    await guard.openAtOnce(1)
    clock.turn(4_999)
    expect(guard.open).toBe(1)
    const brokenOff = guard.brokenOff()
    clock.turn(1)
    expect((await refused).status).toBe(403)
    await brokenOff
    expect(await lastDecision()).toMatchObject({ decisions: [{ rule: 'slow', kind: 'unavailable', why: 'timeout' }] })
  })

  it('is asked about no more when its client has gone', async () => {
    guard.judge(() => ({ kind: 'silence' }))
    const leaving = new AbortController()
    const left = ask(
      '/v1/chat/completions',
      { model: 'slow', messages: [{ role: 'user', content: 'hi' }] },
      leaving.signal,
    )
    await guard.openAtOnce(1)
    const [brokenOff, ended] = [guard.brokenOff(), weir.ended(weir.finished.length + 1)]
    leaving.abort()
    await expect(left).rejects.toThrow()
    await Promise.all([brokenOff, ended])
    expect(weir.finished.at(-1)).toMatchObject({ status: 499 })
  })
})

/** Whatever goes wrong with a guard: what it says, and why there is no verdict. */
const failures: readonly (readonly [string, () => GuardReply, string])[] = [
  ['cuts the connection', () => ({ kind: 'cut' }), 'unreachable'],
  ['answers 500', () => ({ kind: 'json', status: 500, body: { action: 'allow' } }), 'nonsense'],
  [
    'answers with a redirect',
    () => ({
      kind: 'json',
      status: 307,
      body: { action: 'allow' },
      headers: { location: `${guard.origin}/elsewhere` },
    }),
    'nonsense',
  ],
  ['answers no JSON', () => ({ kind: 'raw', body: Buffer.from('<html>') }), 'nonsense'],
  ['answers another form', () => ({ kind: 'json', body: { verdict: 'fine' } }), 'nonsense'],
  [
    'names a place beyond the text',
    () => ({ kind: 'json', body: { action: 'modify', findings: [{ type: 'x', start: 3, end: 300 }] } }),
    'nonsense',
  ],
  ['would change it and does not say how', () => ({ kind: 'json', body: { action: 'modify' } }), 'nonsense'],
  ['answers without end', () => ({ kind: 'raw', body: Buffer.alloc(9 * 1024 * 1024, ' ') }), 'nonsense'],
]

describe('a guard that', () => {
  it.each(failures)('%s does what its rule declares, and the record says so', async (_, reply, why) => {
    guard.judge(reply)
    const before = chat.seen.length
    const refused = await say('blocks', 'hello')
    expect(refused.status).toBe(403)
    expect(refused.headers.get('x-weir-guardrails')).toBe('blocks=unavailable')
    expect(await refused.json()).toMatchObject({
      error: { code: 'guardrail_blocked', message: expect.stringContaining(why) },
    })
    expect(chat.seen.length).toBe(before)
    expect(await lastDecision()).toMatchObject({
      decisions: [{ rule: 'blocks', kind: 'unavailable', action: 'block', why }],
    })

    chat.answer(completion('ok'))
    const allowed = await say('lenient', 'hello')
    expect(await allowed.json()).toMatchObject({ choices: [{ message: { content: 'ok' } }] })
    expect(await lastDecision()).toMatchObject({
      decisions: [
        { rule: 'lenient', phase: 'input', kind: 'unavailable', action: 'flag', why },
        { rule: 'lenient', phase: 'output', kind: 'unavailable', action: 'flag', why },
      ],
    })
    expect(guard.asked.map(({ path }) => path)).not.toContain('/elsewhere')
  })

  it('says nothing does what its rule declares when its deadline is over, and the record says so', async () => {
    guard.judge(() => ({ kind: 'silence' }))
    const refused = say('blocks', 'hello')
    await guard.openAtOnce(1)
    clock.turn(1_000)
    expect((await refused).status).toBe(403)
    expect(await lastDecision()).toMatchObject({ decisions: [{ rule: 'blocks', kind: 'unavailable', why: 'timeout' }] })
  })

  it('says that something is there and neither where nor how never lets it through where it should be taken out', async () => {
    guard.judge(() => ({ kind: 'json', body: { action: 'block' } }))
    const before = chat.seen.length
    expect((await say('lenient', 'hello')).status).toBe(403)
    expect(chat.seen.length).toBe(before)
  })
})

describe('a whole answer', () => {
  it.each(['/v1/chat/completions', '/v1/messages'])('is redacted before it is shown, %s', async (path) => {
    guard.judge((asked) => (asked.stage === 'output' ? finds('Ada')(asked) : allow))
    chat.answer(completion('It is Ada.'))
    const text = await (await ask(path, unary('redacts'))).text()
    expect(text).toContain('It is [NAME].')
    expect(text).not.toContain('Ada')
  })

  it('is redacted where what a guard finds stands in two of its texts', async () => {
    guard.judge((asked) => (asked.stage === 'output' ? finds('Ada')(asked) : allow))
    chat.answer(completion(['It is A', 'da. So long.'].map((text) => ({ type: 'text', text }))))
    const told = await (await ask('/v1/chat/completions', unary('redacts'))).json()
    expect(told).toMatchObject({
      choices: [{ message: { content: [{ text: 'It is [NAME]' }, { text: '. So long.' }] } }],
    })
  })

  it('is blocked, and what the provider bills for it is counted', async () => {
    guard.judge((asked) => (asked.stage === 'output' ? finds('Titan')(asked) : allow))
    chat.answer(completion('It is Titan.'))
    const answer = await ask('/v1/chat/completions', unary('blocks'))
    expect(answer.status).toBe(403)
    expect(await answer.text()).not.toContain('Titan')
    expect(weir.finished.at(-1)?.records.at(-1)).toMatchObject({
      usageSource: 'provider',
      inputUncached: 3,
      outputText: 2,
    })
  })

  it('is counted though its client has gone while it was asked about', async () => {
    const { promise: isAsked, resolve } = Promise.withResolvers<void>()
    guard.judge(({ stage }) => {
      if (stage === 'input') return allow
      resolve()
      return { kind: 'silence' }
    })
    chat.answer(completion('It is Titan.'))
    const leaving = new AbortController()
    const left = ask('/v1/chat/completions', unary('blocks'), leaving.signal)
    await isAsked
    const [brokenOff, ended] = [guard.brokenOff(), weir.ended(weir.finished.length + 1)]
    leaving.abort()
    await expect(left).rejects.toThrow()
    await Promise.all([brokenOff, ended])
    expect(weir.finished.at(-1)?.records.at(-1)).toMatchObject({
      status: 'aborted',
      usageSource: 'provider',
      outputText: 2,
    })
  })
})

function unary(model: string) {
  return { model, max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }
}

async function say(model: string, content: string): Promise<Response> {
  return await ask('/v1/chat/completions', { model, messages: [{ role: 'user', content }] })
}

async function ask(path: string, body: object, signal?: AbortSignal): Promise<Response> {
  return await fetch(`${weir.gateway.dataOrigin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  })
}

/** The text of the last message that the provider got. */
function lastSent(): unknown {
  const { messages } = JSON.parse(chat.seen.at(-1)?.body.toString() ?? '{}') as {
    readonly messages?: readonly { readonly content: unknown }[]
  }
  return messages?.at(-1)?.content
}

async function lastDecision(): Promise<unknown> {
  const record = weir.finished.at(-1)?.records.at(-1)
  return (JSON.parse(record?.decision ?? '{}') as { guardrails?: unknown }).guardrails
}
