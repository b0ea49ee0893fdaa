import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'undici'
import { startRealtime, type RealtimeProvider } from '../carried/realtime-provider.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { marksIn, plantedAt } from '../guarded/marks.ts'

/** Guardrails over realtime sessions of OpenAI's and of Gemini's, over real sockets: both ways, wherever a text is cut (G1, G2, G3). */
let provider: RealtimeProvider
let weir: RunningGateway

beforeAll(async () => {
  provider = await startRealtime()
  weir = await startGateway({
    env: { KEY: 'secret-1' },
    config: `
providers:
  open: { kind: openai, baseUrl: "${provider.origin}/v1", credentials: { apiKey: env:KEY } }
  google: { kind: gemini, baseUrl: "${provider.origin}", credentials: { apiKey: env:KEY } }
models:
  voice: { targets: [{ provider: open, model: m }] }
  swift: { targets: [{ provider: google, model: g }] }
  hidden: { targets: [{ provider: open, model: m }] }
guardrails:
  titan: { terms: [Zanzibar], action: block }
  no-cards: { find: [card], action: redact }
  mail: { find: [email], action: mask, when: 'call.model == "hidden"' }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await provider.close()
})

const card = '4111 1111 1111 1111'
const openAiPath = '/v1/realtime?model=voice'
const livePath = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent'

const item = (value: object) => ({ type: 'conversation.item.create', item: value })
const tool = {
  type: 'function',
  name: '@tool-definition@',
  description: '@tool-definition@',
  parameters: { '@x@': '@x@' },
}
const fromOpenAiClient = [
  { type: 'session.update', session: { instructions: '@system@', tools: [tool] } },
  item({ type: 'message', role: 'user', content: [{ type: 'input_text', text: '@user@' }] }),
  item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: '@assistant@' }] }),
  item({ type: 'function_call_output', call_id: 'c', output: '@tool-result@' }),
  { type: 'response.create', response: { instructions: '@system@' } },
]
const fromGeminiClient = [
  { clientContent: { turns: [{ role: 'user', parts: [{ text: '@user@' }] }], turnComplete: true } },
  { realtimeInput: { text: '@user@' } },
  { toolResponse: { functionResponses: [{ id: 'c', name: 'f', response: { '@tool-result@': '@tool-result@' } }] } },
]

describe('what a client says in a session', () => {
  it.each([
    ['OpenAI', openAiPath, undefined, fromOpenAiClient],
    ['Gemini', livePath, { setup: { model: 'models/swift' } }, fromGeminiClient],
  ] as const)('G2: is blocked and redacted wherever it stands: %s', async (_, path, opening, messages) => {
    for (const message of messages) {
      const text = JSON.stringify(message)
      for (const mark of marksIn(text)) {
        const session = await open(path, opening)
        const heard = provider.heard.length
        session.socket.send(plantedAt(text, mark, card))
        await provider.hears(heard + 1)
        expect(provider.heard.at(-1)).toContain('[CARD]')
        expect(provider.heard.at(-1)).not.toContain('4111')
        session.socket.send(plantedAt(text, mark, 'Zanzibar'))
        expect(await session.closed).toMatchObject({ code: 1008, reason: expect.stringContaining('titan') })
        expect(provider.heard.length).toBe(heard + 1)
      }
    }
  })

  it('G2: is blocked in the first message of a session of Gemini’s', async () => {
    const setup = { model: 'models/swift', systemInstruction: { parts: [{ text: 'Zanzibar' }] } }
    const before = provider.asked.length
    const session = await open(livePath, { setup }, false)
    expect(await session.closed).toMatchObject({ code: 1008 })
    expect(provider.asked.length).toBe(before)
  })

  it('is refused where a rule is in force that a session cannot keep', async () => {
    const before = provider.asked.length
    const socket = new WebSocket(`${weir.gateway.dataOrigin.replace('http', 'ws')}/v1/realtime?model=hidden`, {
      headers: { authorization: `Bearer ${weir.key}` },
    })
    await once(socket, 'error')
    expect(provider.asked.length).toBe(before)
  })
})

const of = { response_id: 'r', item_id: 'i', output_index: 0, content_index: 0 }
const openAiTexts = ['response.output_text', 'response.output_audio_transcript', 'response.function_call_arguments']

describe('what a model says in a session', () => {
  it.each(openAiTexts)('G3: is redacted wherever %s is cut, and where it is said again', async (type) => {
    const isArguments = type.endsWith('arguments')
    const text = isArguments ? `{"card":"${card}"}` : `it is ${card}, I say`
    const expected = isArguments ? '{"card":"[CARD]"}' : 'it is [CARD], I say'
    const again = isArguments ? 'arguments' : type.endsWith('transcript') ? 'transcript' : 'text'
    const session = await open(openAiPath)
    for (let cut = 1; cut < text.length; cut += 2) {
      provider.say({ type: `${type}.delta`, ...of, delta: text.slice(0, cut) })
      provider.say({ type: 'response.output_audio.delta', ...of, delta: 'UklGRg==' })
      provider.say({ type: `${type}.delta`, ...of, delta: text.slice(cut) })
      provider.say({ type: `${type}.done`, ...of, [again]: text })
      provider.say({ type: 'response.done', response: {} })
      const told = await session.until('response.done')
      const deltas = told.flatMap((one) => (one['type'] === `${type}.delta` ? [String(one['delta'])] : []))
      expect(deltas.join('')).toBe(expected)
      expect(told.find((one) => one['type'] === `${type}.done`)).toMatchObject({ [again]: expected })
      expect(JSON.stringify(told)).not.toContain('4111')
    }
    session.socket.close()
  })

  it('G3: a transcript of the user’s goes on past an answer’s end and an error, and its window with it', async () => {
    const heard = 'conversation.item.input_audio_transcription'
    const user = { item_id: 'u', content_index: 0 }
    const session = await open(openAiPath)
    provider.say({ type: `${heard}.delta`, ...user, delta: 'it is 4111 1111' })
    provider.say({ type: 'response.output_text.delta', ...of, delta: 'Go on, 4' })
    provider.say({ type: 'error', error: { code: 'input_audio_buffer_commit_empty' } })
    provider.say({ type: 'conversation.item.done', item: { id: 'u', type: 'message', role: 'user', content: [] } })
    provider.say({ type: 'response.done', response: { id: 'another' } })
    provider.say({ type: 'response.output_text.delta', ...of, delta: '11' })
    provider.say({ type: 'response.done', response: { id: 'r' } })
    provider.say({ type: `${heard}.delta`, ...user, delta: ' 1111 1111, I say' })
    provider.say({ type: `${heard}.completed`, ...user, transcript: `it is ${card}, I say` })
    const told = await session.until(`${heard}.completed`)
    const deltasOf = (type: string, some: readonly Message[]) =>
      some.flatMap((one) => (one['type'] === `${type}.delta` ? [String(one['delta'])] : [])).join('')
    expect(deltasOf(heard, told)).toBe('it is [CARD], I say')
    expect(told.at(-1)).toMatchObject({ transcript: 'it is [CARD], I say' })
    const end = told.findIndex(({ response }) => JSON.stringify(response) === '{"id":"r"}')
    expect(deltasOf('response.output_text', told.slice(0, end))).toBe('Go on, 411')
    session.socket.close()
  })

  it('G3: ends the session where it is blocked, with an event that tells why', async () => {
    const session = await open(openAiPath)
    provider.say({ type: 'response.output_text.delta', ...of, delta: 'We call it Zan' })
    provider.say({ type: 'response.output_text.delta', ...of, delta: 'zibar, you know' })
    expect(await session.closed).toMatchObject({ code: 1008 })
    const all = JSON.stringify(session.messages)
    expect(all).toContain('guardrail_blocked')
    expect(all).not.toMatch(/zibar/i)
  })

  it.each(['modelTurn', 'outputTranscription'])('G3: is redacted wherever %s of Gemini’s is cut', async (member) => {
    const text = `it is ${card}, I say`
    const content = (piece: string) =>
      member === 'modelTurn' ? { modelTurn: { parts: [{ text: piece }] } } : { outputTranscription: { text: piece } }
    const session = await open(livePath, { setup: { model: 'models/swift' } })
    for (let cut = 1; cut < text.length; cut += 2) {
      provider.say({ serverContent: content(text.slice(0, cut)) })
      provider.sayBinary({ serverContent: content(text.slice(cut)) })
      provider.say({ serverContent: { turnComplete: true } })
      const all = JSON.stringify(await session.until('turnComplete'))
      expect([...all.matchAll(/"text":"([^"]*)"/g)].map(([, piece]) => piece).join('')).toBe('it is [CARD], I say')
    }
    provider.say({ toolCall: { functionCalls: [{ id: 'c', name: 'pay', args: { type: 'Zanzibar' } }] } })
    expect(await session.closed).toMatchObject({ code: 1008 })
  })

  it('G3: is told to its end where the turn ends in the same message, and where the session ends', async () => {
    const session = await open(livePath, { setup: { model: 'models/swift' } })
    const said = (text: string, more: object = {}) => ({
      serverContent: { modelTurn: { parts: [{ text }] }, outputTranscription: { text }, ...more },
    })
    const partsIn = (messages: readonly Message[]) =>
      [...JSON.stringify(messages).matchAll(/"parts":\[\{"text":"([^"]*)"/g)].map(([, text]) => text).join('')
    provider.say(said(`it is ${card} and 4111`, { turnComplete: true }))
    expect(await session.until('turnComplete')).toEqual([said('it is [CARD] and 4111', { turnComplete: true })])
    provider.say(said('it is 4111 1111 '))
    provider.sayBinary(said('1111 1111', { turnComplete: true }))
    expect(partsIn(await session.until('turnComplete'))).toBe('it is [CARD]')
    provider.say(said('bye 4111'))
    provider.say({ goAway: { timeLeft: '1s' } })
    const told = await session.until('goAway')
    provider.breakOff()
    await session.closed
    expect(partsIn([...told, ...session.messages])).toBe('bye 4111')
  })

  it('G3: keeps back a text of Gemini’s, and not the sound and the usage beside it: each is told once', async () => {
    const session = await open(livePath, { setup: { model: 'models/swift' } })
    const sound = { inlineData: { mimeType: 'audio/pcm', data: 'UklGRg==' } }
    const usage = { usageMetadata: { promptTokenCount: 1, responseTokenCount: 2, totalTokenCount: 3 } }
    provider.say({ serverContent: { modelTurn: { parts: [{ text: '4111 1111' }, sound] } } })
    provider.say({ serverContent: { outputTranscription: { text: '4111 1111' } }, ...usage })
    provider.say({ serverContent: { modelTurn: { parts: [{ text: '4', thought: true }] } } })
    provider.say({ serverContent: { turnComplete: true } })
    expect(await session.until('turnComplete')).toEqual([
      { serverContent: { modelTurn: { parts: [{ text: '' }, sound] } } },
      { serverContent: { outputTranscription: { text: '' } }, ...usage },
      { serverContent: { modelTurn: { parts: [{ text: '4111 1111' }] } } },
      { serverContent: { outputTranscription: { text: '4111 1111' } } },
      { serverContent: { modelTurn: { parts: [{ text: '4', thought: true }] } } },
      { serverContent: { turnComplete: true } },
    ])
    session.socket.close()
  })
})

type Message = Readonly<Record<string, unknown>>

async function open(path: string, opening?: object, mustOpen = true) {
  const heard = provider.heard.length
  const socket = new WebSocket(`${weir.gateway.dataOrigin.replace('http', 'ws')}${path}`, {
    headers: { authorization: `Bearer ${weir.key}`, 'x-goog-api-key': weir.key },
  })
  socket.binaryType = 'arraybuffer'
  const messages: Message[] = []
  let look = () => {}
  socket.addEventListener('message', ({ data }: { readonly data: unknown }) => {
    messages.push(JSON.parse(data instanceof ArrayBuffer ? Buffer.from(data).toString() : String(data)) as Message)
    look()
  })
  const closed = new Promise<{ readonly code: number; readonly reason: string }>((resolve) =>
    socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason })),
  )
  await once(socket, 'open')
  if (opening) {
    socket.send(JSON.stringify(opening))
    if (mustOpen) await provider.hears(heard + 1)
  }
  /** All messages up to one that holds this word; they are taken away. */
  const until = (word: string): Promise<readonly Message[]> =>
    new Promise((resolve) => {
      look = () => {
        const at = messages.findIndex((one) => JSON.stringify(one).includes(`"${word}"`))
        if (at >= 0) resolve(messages.splice(0, at + 1))
      }
      look()
    })
  return { socket, closed, messages, until }
}
