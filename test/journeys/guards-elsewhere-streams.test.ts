import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { allow, finds, startGuard, type GuardServer } from '../guard-server.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { turnedClock, type TurnedClock } from '../turned-clock.ts'
import { argumentsIn, chunks, chunksOf, claudeStream, saidIn, toolChunks } from './said-answers.ts'

/*
 * Streams that guards elsewhere look at: before any of it is shown, piece by piece, and afterwards. In the provider's own dialect and in
 * another, texts and the arguments of calls.
 */
let chat: ReplayUpstream
let claude: ReplayUpstream
let guard: GuardServer
let weir: RunningGateway
let clock: TurnedClock

const prices = '{ "*": { input: "1", output: "2" } }'

beforeAll(async () => {
  chat = await startReplay()
  claude = await startReplay()
  guard = await startGuard()
  clock = turnedClock()
  const rule = (name: string, more: string) =>
    `  ${name}: { ask: { kind: http, url: "${guard.origin}" }, deadlineMs: 20000, phases: [output], when: 'call.model.startsWith("${name}")', ${more} }`
  const ways = ['buffer', 'window'] as const
  weir = await startGateway({
    clock,
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${chat.origin}/v1", credentials: { apiKey: env:KEY }, prices: ${prices} }
  claude: { kind: anthropic, baseUrl: "${claude.origin}", credentials: { apiKey: env:KEY }, prices: ${prices} }
models:
${[...ways.flatMap((way) => [`${way}-redact`, `${way}-block`, `${way}-lenient`]), 'after-flag', 'masked-window']
  .flatMap((name) => [
    `  ${name}: { targets: [{ provider: chat, model: m1 }] }`,
    `  ${name}-claude: { targets: [{ provider: claude, model: c1 }] }`,
  ])
  .join('\n')}
guardrails:
  mail: { find: [email], action: mask, when: 'call.model.startsWith("masked")' }
${ways
  .flatMap((way) => [
    rule(`${way}-redact`, `onTimeout: block, stream: ${way}, action: redact`),
    rule(`${way}-block`, `onTimeout: block, stream: ${way}, action: block`),
    rule(`${way}-lenient`, `onTimeout: allow, stream: ${way}, action: redact`),
  ])
  .join('\n')}
${rule('masked-window', 'onTimeout: block, stream: window, action: redact')}
${rule('after-flag', 'onTimeout: allow, stream: after, action: flag')}
`,
  })
})

afterEach(() => {
  guard.judge(() => allow)
  guard.forget()
})

afterAll(async () => {
  await weir.close()
  await chat.close()
  await claude.close()
  await guard.close()
})

const paths = ['/v1/chat/completions', '/v1/messages'] as const
const ways = ['buffer', 'window'] as const
const cells = ways.flatMap((way) => paths.map((path) => [way, path] as const))

describe.each(cells)('stream: %s, %s', (way, path) => {
  it('is the same stream where nothing is found, whole and in order', async () => {
    const pieces = longPieces('and so on ')
    chat.answer(chunks(pieces))
    const text = await (await ask(path, streaming(`${way}-redact`))).text()
    expect(saidIn(text)).toBe(pieces.join(''))
    expect(text).toMatch(path === '/v1/messages' ? /message_stop/ : /\[DONE\]/)
    expect(guard.asked.every(({ stage }) => stage === 'output')).toBe(true)
    expect(guard.asked.length > 1).toBe(way === 'window')
  })

  it('is redacted wherever a frame or a piece is cut', async () => {
    guard.judge(finds('Ada Lovelace'))
    for (const before of [0, 3, 700, 1_010, 1_018, 1_024, 1_200]) {
      const said = `${'x'.repeat(before)} it is Ada Lovelace, or so${' and so on'.repeat(200)}`
      chat.answer(chunks(cutInto(said, 7)))
      const text = saidIn(await (await ask(path, streaming(`${way}-redact`))).text())
      expect(text).toBe(said.replace('Ada Lovelace', '[NAME]'))
    }
  })

  it('is redacted in every choice, and in every block', async () => {
    guard.judge(finds('Ada'))
    chat.answer(
      chunksOf(
        ['a', 'b'].flatMap((name, index) => [
          { index, text: `${name} A` },
          { index, text: 'da!' },
        ]),
      ),
    )
    const text = await (await ask('/v1/chat/completions', { ...streaming(`${way}-redact`), n: 2 })).text()
    expect(text.match(/\[NAME\]/g)).toHaveLength(2)
    expect(text).not.toMatch(/Ada|"A"/)
  })

  it('is redacted in the arguments of calls, which stay JSON', async () => {
    guard.judge(finds('Ada'))
    chat.answer(toolChunks(['{"note":"line\\', 'n\\u0041d', 'a","n', '":1}']))
    const text = await (await ask(path, streaming(`${way}-redact`))).text()
    expect(JSON.parse(argumentsOf(path, text))).toEqual({ note: 'line\n[NAME]', n: 1 })
  })

  it('is blocked where the guard would break the arguments of a call', async () => {
    guard.judge(finds('"Ada",', 'NAME'))
    chat.answer(toolChunks(['{"note":"Ada","n":1}']))
    const text = await (await ask(path, streaming(`${way}-redact`))).text()
    expect(text).toContain('guardrail')
    expect(argumentsOf(path, text)).toBe('')
  })

  it('ends where it is blocked, with an error of the client’s dialect and no ordinary ending; what was used is recorded', async () => {
    guard.judge(finds('Titan'))
    const said = `${'so it was '.repeat(300)}Titan, as you know${' and so on'.repeat(300)}`
    chat.answer(chunks(cutInto(said, 40)))
    const text = await (await ask(path, streaming(`${way}-block`))).text()
    expect(saidIn(text)).not.toContain('Ti')
    expect(saidIn(text) === '').toBe(way === 'buffer')
    expect(said.startsWith(saidIn(text))).toBe(true)
    expect(text).toContain('the guardrail')
    expect(text).not.toMatch(/\[DONE\]|message_stop/)
    expect(await lastDecision()).toMatchObject({
      decisions: [{ rule: `${way}-block`, phase: 'output', place: 'assistant', kind: 'name', action: 'block' }],
    })
    expect(weir.finished.at(-1)?.records.at(-1)).toMatchObject({ status: 'truncated', errorKind: 'guardrail_blocked' })
  })

  it.each([
    ['block', false],
    ['lenient', true],
  ])('does what a rule that is %s declares where the guard is late, and says so', async (kind, isShown) => {
    guard.judge(() => ({ kind: 'silence' }))
    chat.answer(chunks(['it is Ada']))
    const answer = ask(path, streaming(`${way}-${kind}`)).then((response) => response.text())
    await guard.openAtOnce(1)
    const brokenOff = guard.brokenOff()
    clock.turn(20_000)
    const text = await answer
    await brokenOff
    expect(saidIn(text)).toBe(isShown ? 'it is Ada' : '')
    expect(/\[DONE\]|message_stop/.test(text)).toBe(isShown)
    expect(await lastDecision()).toMatchObject({
      decisions: [{ rule: `${way}-${kind}`, kind: 'unavailable', why: 'timeout', action: isShown ? 'flag' : 'block' }],
    })
  })
})

describe.each(paths)('a stream of blocks, %s', (path) => {
  it.each(ways)('goes on with thoughts, texts and calls in order, stream: %s', async (way) => {
    guard.judge(finds('Ada'))
    claude.answer(
      claudeStream([
        ['text', ['I ask A', 'da.']],
        ['tool', ['{"to":"A', 'da"}']],
        ['text', ['Done, A', 'da.']],
      ]),
    )
    const text = await (await ask(path, streaming(`${way}-redact-claude`))).text()
    expect(saidIn(text)).toBe('I ask [NAME].Done, [NAME].')
    expect(JSON.parse(argumentsOf(path, text))).toEqual({ to: '[NAME]' })
    expect(text).not.toMatch(/Ada/)
  })

  it('has back what was masked here, which the guard does not see', async () => {
    guard.judge(finds('Bob'))
    chat.answer(chunks(['Dear [EMA', 'IL_1], Bob']))
    const text = await (
      await ask(path, { ...streaming('masked-window'), messages: [{ role: 'user', content: 'ada@example.com' }] })
    ).text()
    expect(guard.asked.map((asked) => asked.text).join()).not.toContain('@')
    expect(saidIn(text)).toBe('Dear ada@example.com, [NAME]')
  })

  it('stream: after is shown before anybody looks, and what was seen is in the record', async () => {
    guard.judge(finds('Ada'))
    chat.answer(chunks(['it is A', 'da']))
    const text = await (await ask(path, streaming('after-flag'))).text()
    expect(saidIn(text)).toBe('it is Ada')
    expect(text).toMatch(path === '/v1/messages' ? /message_stop/ : /\[DONE\]/)
    expect(guard.asked.map((asked) => asked.text)).toEqual(['it is Ada'])
    expect(await lastDecision()).toMatchObject({ decisions: [{ rule: 'after-flag', phase: 'output', action: 'flag' }] })
  })
})

describe('while a stream comes', () => {
  it('window: what was looked at is shown, and the rest is not, while the provider still talks', async () => {
    const said = 'and so on '.repeat(200)
    const outgoing = taken()
    const answer = ask('/v1/chat/completions', streaming('window-redact'))
    const provider = await outgoing
    provider.write(frameOf(said))
    const reader = (await answer).body?.getReader()
    let shown = ''
    // One frame holds all of it: it is shown once a later one has been looked at.
    provider.write(frameOf(said))
    while (!saidIn(shown).includes('so on')) {
      const read = await reader?.read()
      if (read?.done !== false) throw new Error('the stream ended before its first piece was shown')
      shown += Buffer.from(read.value).toString()
    }
    expect(saidIn(shown)).toBe(said)
    provider.end(`${frameOf('!')}data: [DONE]\n\n`)
    for (let isDone = false; !isDone;) {
      const read = await reader?.read()
      isDone = read?.done !== false
      shown += Buffer.from(read?.value ?? []).toString()
    }
    expect(saidIn(shown)).toBe(`${said}${said}!`)
  })

  it('buffer: nothing is shown before its end, and the client is pinged in its dialect', async () => {
    const outgoing = taken()
    const answer = ask('/v1/messages', streaming('buffer-redact'))
    const provider = await outgoing
    provider.write(frameOf('hello'))
    const reader = (await answer).body?.getReader()
    let shown = Buffer.from((await reader?.read())?.value ?? []).toString()
    expect(shown).toContain('message_start')
    const next = reader?.read()
    clock.turn(10_000)
    shown = Buffer.from((await next)?.value ?? []).toString()
    expect(shown).toContain('ping')
    expect(saidIn(shown)).toBe('')
    expect(guard.asked).toEqual([])
    provider.destroy()
    await weir.ended(weir.finished.length + 1)
  })

  it('nobody is asked any more when the client has gone', async () => {
    guard.judge(() => ({ kind: 'silence' }))
    chat.answer(chunks(['it is Ada']))
    const leaving = new AbortController()
    const left = ask('/v1/chat/completions', streaming('window-redact'), leaving.signal).then((response) =>
      response.text(),
    )
    await guard.openAtOnce(1)
    const [brokenOff, ended] = [guard.brokenOff(), weir.ended(weir.finished.length + 1)]
    leaving.abort()
    await expect(left).rejects.toThrow()
    await Promise.all([brokenOff, ended])
    expect(weir.finished.at(-1)?.records.at(-1)).toMatchObject({ status: 'aborted' })
  })
})

/** The connection of the next call to the provider, which is answered by hand. */
function taken(): Promise<ServerResponse> {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>()
  chat.takeOver((_, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
    resolve(outgoing)
    outgoing.write(frameOf('', { role: 'assistant' }))
  })
  return promise
}

function frameOf(content: string, more: object = {}): string {
  const choices = [{ index: 0, delta: { ...more, content }, finish_reason: null }]
  return `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm1', choices })}\n\n`
}

function longPieces(words: string): readonly string[] {
  return Array.from({ length: 400 }, (_, place) => `${words}${place} `)
}

function cutInto(text: string, length: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, place) =>
    text.slice(place * length, (place + 1) * length),
  )
}

function argumentsOf(path: string, sse: string): string {
  if (path !== '/v1/messages') return argumentsIn(sse)
  return [...sse.matchAll(/"partial_json":("(?:[^"\\]|\\.)*")/g)].map(([, text]) => JSON.parse(text ?? '""')).join('')
}

function streaming(model: string) {
  return { model, max_tokens: 9, stream: true, messages: [{ role: 'user', content: 'hi' }] }
}

async function ask(path: string, body: object, signal?: AbortSignal): Promise<Response> {
  return await fetch(`${weir.gateway.dataOrigin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  })
}

async function lastDecision(): Promise<unknown> {
  const record = weir.finished.at(-1)?.records.at(-1)
  return (JSON.parse(record?.decision ?? '{}') as { guardrails?: unknown }).guardrails
}
