import { describe, expect, it } from 'vitest'
import type { BlockOpening, ReplyEvent } from '../../src/canonical/event.ts'
import type { JsonObject } from '../../src/canonical/json.ts'
import { Losses } from '../../src/canonical/loss.ts'
import { noUsage } from '../../src/canonical/usage.ts'
import { dialects } from '../../src/dialects/all.ts'
import type { ChatDialectName } from '../../src/dialects/dialect.ts'
import { framesIn } from '../../src/dialects/laws/exchanges.ts'
import { kindsByFamily, detectorsFor } from '../../src/policies/guardrails/catalog.ts'
import { termsDetector } from '../../src/policies/guardrails/detect/terms.ts'
import { Masks } from '../../src/policies/guardrails/masks.ts'
import { askingRules, playedAsked } from './play-asked.ts'
import { answerRules, played, ruleOf, settings } from './play.ts'

/*
 * A text of every family, split at every point over the events of a stream, in texts, thoughts and arguments, between the dialects of
 * clients: it never reaches the client, what was looked at is what was told, and what was masked comes back (G1 to G4).
 */
const clients = ['openai-chat', 'anthropic-messages', 'openai-responses', 'gemini-generate'] as const
const providers = [...clients, 'bedrock-converse', 'cohere-chat', 'ollama-chat'] as const
const body = 'q7Zk2Vx9Lm4Tn8Rb3Wc6Yd1Hf5Gj0Ps'
const samples: Readonly<Record<string, string>> = {
  email: 'ada@example.com',
  card: '4111 1111 1111 1111',
  iban: 'GB82 WEST 1234 5698 7654 32',
  phone: '+49 30 901820',
  'us-ssn': '161-42-3291',
  'ip-address': '12.92.149.211',
  'mac-address': '00:1A:2B:3C:4D:5E',
  'api-key': `gh${'p'}_${body}q7Zk2V`,
  'connection-uri': 'postgres://app:hl9jJl2Tun@db.internal:5432/prod',
  'private-key': `-----BEGIN RSA PRIVATE KEY-----\n${body.repeat(2)}\n-----END RSA PRIVATE KEY-----`,
}
const rule = ruleOf(detectorsFor(['pii', 'secrets'], []), 'redact')

describe('a stream', () => {
  it('has samples of kinds that there are', () => {
    const known = Object.values(kindsByFamily).flat()
    expect(Object.keys(samples).filter((kind) => !known.includes(kind))).toEqual([])
  })

  it.each(clients)('G3: never tells a client of %s what a rule finds, wherever it is split', (client) => {
    const leaks: string[] = []
    for (const [kind, sample] of Object.entries(samples))
      for (const content of contents) {
        const text = content.kind === 'tool-use' ? JSON.stringify({ note: `so ${sample} it is` }) : `so ${sample} it is`
        const from = text.indexOf(sample.slice(0, 4))
        for (let cut = from; cut < text.length; cut += stepOf(sample)) {
          const answer = answerRules([rule])
          const told = played(
            dialects[client],
            dialects[client],
            [streamOf(client, content, [text.slice(0, cut), text.slice(cut)])],
            answer,
          )
          const [said = ''] = textsTold(client, told)
          const isTold = told.includes(sample) || told.includes(JSON.stringify(sample).slice(1, -1))
          const secret = sample.split(/[\n@]/)[0] ?? sample
          if (isTold || said.includes(secret)) leaks.push(`${kind} in ${content.kind} cut at ${cut}: ${said}`)
          if (content.kind === 'tool-use') expect(() => JSON.parse(said)).not.toThrow()
        }
      }
    expect(leaks).toEqual([])
  })

  it.each(clients.flatMap((client) => contents.map((between) => [client, between.kind, between] as const)))(
    'G3: never tells a client of %s the whole of what stands in two texts with a %s between',
    (client, _, between) => {
      const leaks: string[] = []
      const { joinsTexts = false } = dialects[client].translation
      for (const kind of ['email', 'card', 'api-key'])
        for (const first of [{ kind: 'text' }, { kind: 'thought' }] as const) {
          const sample = samples[kind] ?? ''
          if (between.kind === 'text' && first.kind === 'text') continue
          for (let cut = 1; cut < sample.length; cut += stepOf(sample)) {
            const parts = [
              { content: first, text: `so ${sample.slice(0, cut)}` },
              { content: between, text: between.kind === 'tool-use' ? '{}' : 'hm' },
              { content: first, text: `${sample.slice(cut)} it is` },
            ]
            const told = played(
              dialects[client],
              dialects[client],
              [streamOfBlocks(client, parts)],
              answerRules([rule]),
            )
            const said = joinedTold(client, told, first.kind)
            const isHeld = joinsTexts && first.kind === 'text'
            if (said.includes(sample) || (isHeld && !/^so \S*\[[A-Z_]+\] it is$/.test(said)))
              leaks.push(`${kind} in ${first.kind} cut at ${cut}: ${said}`)
          }
        }
      expect(leaks).toEqual([])
    },
  )

  it.each(clients.flatMap((client) => (['window', 'buffer'] as const).map((way) => [client, way] as const)))(
    'G3: never tells a client of %s what a guard elsewhere finds over two texts, with %s',
    async (client, way) => {
      const asking = () => askingRules(termsDetector(['Project Titan']), way)
      for (const first of [{ kind: 'text' }, { kind: 'thought' }] as const) {
        const stream = streamOfBlocks(client, [
          { content: first, text: 'so Project Ti' },
          { content: { kind: 'tool-use', id: 'call_1', name: 'note', signature: undefined }, text: '{}' },
          { content: first, text: 'tan it is' },
        ])
        const told = (await playedAsked(dialects[client], dialects[client], [stream], asking())) ?? ''
        expect(joinedTold(client, told, first.kind)).toMatch(/^so \[[A-Z_]+\] it is$/)
        expect(told).toContain('call_1')
      }
    },
  )

  it('G3: tells all of a custom tool’s input but what a rule finds, wherever it is split', () => {
    const sample = samples['api-key'] ?? ''
    for (let cut = 0; cut <= sample.length; cut += 1) {
      const told = played(
        dialects['openai-chat'],
        dialects['openai-chat'],
        [customStream(['*** Begin\n', `+key ${sample.slice(0, cut)}`, `${sample.slice(cut)}\n`, '*** End "now"'])],
        answerRules([rule]),
      )
      expect(customInputTold(told)).toMatch(/^\*\*\* Begin\n\+key \[[A-Z_]+\]\n\*\*\* End "now"$/)
    }
  })

  it.each(['window', 'buffer'] as const)(
    'G3: tells all of a custom tool’s input but what a guard elsewhere finds, with %s',
    async (way) => {
      const chat = dialects['openai-chat']
      const stream = customStream(['*** Begin\n', '+so Project Ti', 'tan it is\n', '*** End "now"'])
      const told = await playedAsked(chat, chat, [stream], askingRules(termsDetector(['Project Titan']), way))
      expect(customInputTold(told ?? '')).toMatch(/^\*\*\* Begin\n\+so \[[A-Z_]+\] it is\n\*\*\* End "now"$/)
    },
  )

  it('tells what only its own dialect has a word for as a guard elsewhere leaves it', async () => {
    const result = { type: 'web_search_result', title: 'On Project Titan', url: 'https://example.com', page_age: null }
    const block = { type: 'web_search_tool_result', tool_use_id: 'srv_1', content: [result] }
    const usage = { input_tokens: 1, output_tokens: 1 }
    const frames = [
      {
        type: 'message_start',
        message: { id: 'm', type: 'message', role: 'assistant', model: 'c', content: [], usage },
      },
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
      { type: 'message_stop' },
    ]
    const stream = Buffer.from(frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join(''))
    const anthropic = dialects['anthropic-messages']
    const asking = askingRules(termsDetector(['Project Titan']), 'window')
    const told = await playedAsked(anthropic, anthropic, [stream], asking)
    expect(told).toContain('"type":"web_search_tool_result"')
    expect(told).toMatch(/"title":"On \[[A-Z_]+\]"/)
  })

  it('gives back what was masked in a custom tool’s input', () => {
    const masks = new Masks()
    masks.placeholderFor('email', 'ada@example.com')
    const told = played(
      dialects['openai-chat'],
      dialects['openai-chat'],
      [customStream(['*** Begin\n', '+to [EMA', 'IL_1]'])],
      answerRules([], masks),
    )
    expect(customInputTold(told)).toBe('*** Begin\n+to ada@example.com')
  })

  it('tells a custom call of a response with what the rules leave of it', () => {
    const item = (input: string) => ({ type: 'custom_tool_call', id: 'ct', call_id: 'c1', name: 'patch', input })
    const input = 'to ada@example.com now'
    const response = (status: string, output: readonly object[]) => ({ id: 'r', object: 'response', status, output })
    const frames = [
      { type: 'response.created', response: response('in_progress', []) },
      { type: 'response.output_item.added', output_index: 0, item: item('') },
      { type: 'response.custom_tool_call_input.delta', output_index: 0, item_id: 'ct', delta: input },
      { type: 'response.custom_tool_call_input.done', output_index: 0, item_id: 'ct', input },
      { type: 'response.output_item.done', output_index: 0, item: item(input) },
      { type: 'response.completed', response: response('completed', [item(input)]) },
    ]
    const stream = Buffer.from(frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join(''))
    const told = played(dialects['openai-responses'], dialects['openai-responses'], [stream], answerRules([rule]))
    expect(told).not.toContain('ada@example.com')
    expect(told.match(/"input":"to \[EMAIL\] now"/g)).toHaveLength(3)
  })

  it('G3: leaves out what goes on from a piece before in a member that has no word, choice by choice', () => {
    const sample = 'Project Titan'
    const redacting = ruleOf([termsDetector([sample])], 'redact')
    for (let cut = 1; cut < sample.length; cut += 1) {
      const stream = besideStream([
        [{ index: 0, delta: { content: 'a ', thinking_text: `so ${sample.slice(0, cut)}` } }],
        [{ index: 1, delta: { content: 'b ', thinking_text: 'other' } }],
        [{ index: 0, delta: { content: 'c ', thinking_text: sample.slice(cut) } }],
        [{ index: 0, delta: { content: 'd ', thinking_text: 'end' } }],
      ])
      const chat = dialects['openai-chat']
      const told = played(chat, chat, [stream], answerRules([redacting]))
      const said = [...told.matchAll(/"thinking_text":"([^"]*)"/g)].map(([, text]) => text)
      expect(said).toEqual([`so ${sample.slice(0, cut)}`, 'other'])
      expect(joinedTold('openai-chat', told, 'text')).toBe('a b c d ')
    }
  })

  it('G3: blocks what goes on from a piece before in a member that has no word', () => {
    const chat = dialects['openai-chat']
    const blocking = answerRules([ruleOf([termsDetector(['Project Titan'])], 'block')])
    const shown: string[] = []
    const stream = besideStream([
      [{ index: 0, delta: { content: 'a', thinking_text: 'Project Ti' } }],
      [{ index: 0, delta: { content: 'b', thinking_text: 'tan' } }],
    ])
    expect(() => played(chat, chat, framesOf(stream), blocking, shown)).toThrow(
      expect.objectContaining({ kind: 'guardrail_blocked' }),
    )
    expect(shown.join('')).toContain('Project Ti')
    expect(shown.join('')).not.toContain('tan')
  })

  it('tells pieces of members that have no word as they came where nothing is found in them together', () => {
    const chat = dialects['openai-chat']
    const stream = besideStream([
      [{ index: 0, delta: { content: 'a', thinking_text: 'Project Ti' } }],
      [
        { index: 1, delta: { content: 'b', thinking_text: 'tan' } },
        { index: 0, delta: { content: 'c', thinking_text: 'ger' } },
      ],
    ])
    const redacting = answerRules([ruleOf([termsDetector(['Project Titan'])], 'redact')])
    const told = played(chat, chat, [stream], redacting)
    expect([...told.matchAll(/"thinking_text":"([^"]*)"/g)].map(([, text]) => text)).toEqual([
      'Project Ti',
      'tan',
      'ger',
    ])
  })

  it('goes on with the item of a response that began word for word', () => {
    const part = { output_index: 0, content_index: 0, item_id: 'msg_9' }
    const item = (text: string) => ({
      type: 'message',
      id: 'msg_9',
      role: 'assistant',
      content: said('output_text', text),
    })
    const told = toldOfItem(item, [
      { type: 'response.content_part.added', ...part, part: { type: 'output_text', text: '', annotations: [] } },
      { type: 'response.output_text.delta', ...part, delta: 'so ' },
      { type: 'response.output_text.delta', ...part, delta: 'ada@example.com' },
    ])
    expect(new Set(told.match(/"(?:item_)?id":"msg_[^"]*"/g))).toEqual(new Set(['"id":"msg_9"', '"item_id":"msg_9"']))
    expect(told.match(/event: response\.output_item\.added/g)).toHaveLength(1)
    expect(told).toContain('so [EMAIL]')
  })

  it.each(['ada@example.com', 'so ada@example.com'])('opens a thought of a response once: %s', (text) => {
    const part = { output_index: 0, summary_index: 0, item_id: 'rs_9' }
    const item = (summary: string) => ({ type: 'reasoning', id: 'rs_9', summary: said('summary_text', summary) })
    const told = toldOfItem(item, [
      { type: 'response.reasoning_summary_part.added', ...part, part: { type: 'summary_text', text: '' } },
      { type: 'response.reasoning_summary_text.delta', ...part, delta: text },
    ])
    const lives = [
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_part.done',
      'output_item.done',
    ]
    expect(lives.map((life) => told.split(`event: response.${life}\n`).length - 1)).toEqual([1, 1, 1, 1])
    expect(told).toContain('[EMAIL]')
  })

  it('goes on in the part of a thought’s summary that began word for word', () => {
    const texts = ['one, ', 'so ada@example.com']
    const parts = texts.map((text) => ({ type: 'summary_text', text }))
    const told = toldOfItem(
      (text) => ({ type: 'reasoning', id: 'rs_9', summary: text === '' ? [] : parts }),
      parts.flatMap((part, place) => {
        const at = { output_index: 0, summary_index: place, item_id: 'rs_9' }
        return [
          { type: 'response.reasoning_summary_part.added', ...at, part: { type: 'summary_text', text: '' } },
          { type: 'response.reasoning_summary_text.delta', ...at, delta: part.text },
          { type: 'response.reasoning_summary_text.done', ...at, text: part.text },
          { type: 'response.reasoning_summary_part.done', ...at, part },
        ]
      }),
    )
    const places = [...told.matchAll(/"type":"response.reasoning_summary_part.(\w+)".*?"summary_index":(\d)/g)]
    expect(places.map(([, life, place]) => `${life} ${place}`)).toEqual(['added 0', 'done 0', 'added 1', 'done 1'])
    expect(told).toContain(
      '"summary":[{"type":"summary_text","text":"one, "},{"type":"summary_text","text":"so [EMAIL]"}]',
    )
  })

  it.each(providers.flatMap((provider) => clients.map((client) => [provider, client] as const)))(
    'has looked at exactly what it tells, from %s to %s',
    (provider, client) => {
      for (const content of contents) {
        const text = content.kind === 'tool-use' ? '{"note":"nothing, of course"}' : 'nothing to see here, of course'
        for (let cut = 1; cut < text.length; cut += 3) {
          const answer = answerRules([rule])
          const stream = streamOf(provider, content, [text.slice(0, cut), text.slice(cut)])
          const [said = ''] = textsTold(client, played(dialects[provider], dialects[client], [stream], answer))
          expect([content.kind, cut, said]).toEqual([content.kind, cut, text])
          const name = content.kind === 'tool-use' ? content.name.length : 0
          const { output } = answer.notes.scanned
          // Word for word more is told than the answer: it is looked at too, but what is said again counts once.
          if (provider === client)
            expect([output >= said.length + name, output < said.length * 2 + mostBeside]).toEqual([true, true])
          else expect(output).toBe(said.length + name)
        }
      }
    },
  )

  it.each(providers.flatMap((provider) => clients.map((client) => [provider, client] as const)))(
    'gives back what was masked, from %s to %s, in texts and in arguments, wherever it is split',
    (provider, client) => {
      for (const content of contents.filter(({ kind }) => kind !== 'thought')) {
        const text = content.kind === 'tool-use' ? '{"to":"[EMAIL_1]","n":1}' : 'Dear [EMAIL_1], hello [EMAIL_9].'
        for (let cut = 1; cut < text.length; cut += 1) {
          const masks = new Masks()
          masks.placeholderFor('email', 'ada"\\@example.com')
          const stream = streamOf(provider, content, [text.slice(0, cut), text.slice(cut)])
          const told = played(dialects[provider], dialects[client], [stream], answerRules([], masks))
          const [said = ''] = textsTold(client, told)
          if (content.kind === 'tool-use') expect(JSON.parse(said)).toEqual({ to: 'ada"\\@example.com', n: 1 })
          else expect(said).toBe('Dear ada"\\@example.com, hello [EMAIL_9].')
        }
      }
    },
  )
})

/** Of words such as `auto` and `disabled`, in the frames of one answer. */
const mostBeside = 120

/** Long samples are split at every third place. */
function stepOf(sample: string): number {
  return sample.length > 60 ? 5 : 1
}

const contents: readonly (BlockOpening & { readonly kind: 'text' | 'thought' | 'tool-use' })[] = [
  { kind: 'text' },
  { kind: 'thought' },
  { kind: 'tool-use', id: 'call_1', name: 'note', signature: undefined },
]

/** A stream as a provider of the dialect tells it, each piece in an event of its own. */
function streamOf(name: ChatDialectName, content: BlockOpening, pieces: readonly string[]): Buffer {
  return streamOfEvents(name, blockOf(0, content, pieces), content.kind === 'tool-use')
}

function streamOfBlocks(
  name: ChatDialectName,
  blocks: readonly { readonly content: BlockOpening; readonly text: string }[],
): Buffer {
  const hasCalled = blocks.some(({ content }) => content.kind === 'tool-use')
  const events = blocks.flatMap(({ content, text }, block) => blockOf(block, content, [text]))
  return streamOfEvents(name, events, hasCalled)
}

function blockOf(block: number, content: BlockOpening, pieces: readonly string[]): readonly ReplyEvent[] {
  const kind = content.kind === 'tool-use' ? 'arguments' : 'text'
  return [
    { kind: 'block-start', choice: 0, block, content },
    ...pieces.map((text): ReplyEvent => ({ kind: 'block-delta', choice: 0, block, delta: { kind, text } })),
    { kind: 'block-end', choice: 0, block },
  ]
}

function streamOfEvents(name: ChatDialectName, blocks: readonly ReplyEvent[], hasCalled: boolean): Buffer {
  const writer = dialects[name].translation.openFrames(new Losses(), settings)
  const events: readonly ReplyEvent[] = [
    { kind: 'open', id: 'a1', responseModel: 'm1', createdAtSeconds: 1 },
    ...blocks,
    {
      kind: 'close',
      choice: 0,
      reason: hasCalled ? 'tool-use' : 'end',
      nativeReason: undefined,
      stopSequence: undefined,
    },
    { kind: 'usage', usage: { ...noUsage, outputText: 2 }, providerCostNanos: undefined, serviceTier: undefined },
  ]
  const told = events.map((event) => writer.write({ events: [event], wire: undefined })).join('')
  return Buffer.from(told + writer.end())
}

/** A call of a custom tool, as OpenAI tells it in chunks. */
function customStream(pieces: readonly string[]): Buffer {
  const calls = pieces.map((input, place) =>
    place === 0
      ? { index: 0, id: 'c1', type: 'custom', custom: { name: 'patch', input } }
      : { index: 0, custom: { input } },
  )
  const choices = [
    ...calls.map((call) => ({ index: 0, delta: { tool_calls: [call] }, finish_reason: null })),
    { index: 0, delta: {}, finish_reason: 'tool_calls' },
  ]
  const chunks = choices.map((choice) => `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [choice] })}\n\n`)
  return Buffer.from(`${chunks.join('')}data: [DONE]\n\n`)
}

/** Chunks of Chat Completions with these choices. */
function besideStream(chunks: readonly (readonly object[])[]): Buffer {
  const told = chunks.map((choices) => `data: ${JSON.stringify({ id: 'c', model: 'm', choices })}\n\n`)
  return Buffer.from(`${told.join('')}data: [DONE]\n\n`)
}

/** One by one, as they come. */
function framesOf(stream: Buffer): readonly Buffer[] {
  return String(stream)
    .split(/(?<=\n\n)/)
    .map((frame) => Buffer.from(frame))
}

function customInputTold(stream: string): string {
  return framesIn(Buffer.from(stream))
    .flatMap(({ data }) => [...data.matchAll(/"input":("(?:[^"\\]|\\.)*")/g)])
    .map(([, input = '""']) => String(JSON.parse(input)))
    .join('')
}

/** The texts that a client reads from a stream, block by block. */
function textsTold(name: ChatDialectName, stream: string): readonly string[] {
  const texts = new Map<string, string>()
  for (const event of eventsTold(name, stream)) {
    if (event.kind !== 'block-delta' || !('text' in event.delta)) continue
    const place = `${event.choice}/${event.block}`
    texts.set(place, (texts.get(place) ?? '') + event.delta.text)
  }
  return [...texts.values()].filter((text) => text !== '')
}

/** All texts of a kind, put together. */
function joinedTold(name: ChatDialectName, stream: string, kind: BlockOpening['kind']): string {
  const events = eventsTold(name, stream)
  const blocks = new Set(
    events.flatMap((event) => (event.kind === 'block-start' && event.content.kind === kind ? [event.block] : [])),
  )
  return events
    .map((event) =>
      event.kind === 'block-delta' && blocks.has(event.block) && 'text' in event.delta ? event.delta.text : '',
    )
    .join('')
}

function eventsTold(name: ChatDialectName, stream: string): readonly ReplyEvent[] {
  const reader = dialects[name].translation.openEvents()
  const frames = framesIn(Buffer.from(stream))
  return [...frames.flatMap(({ event, data }) => reader.read(event, Buffer.from(data)).events), ...reader.end()]
}

/** A response of one item, which a rule changes: what its pieces say is what its end says. */
function toldOfItem(
  item: (text: string) => object,
  pieces: readonly (JsonObject & { readonly type: string; readonly delta?: string })[],
): string {
  const whole = item(pieces.map(({ delta = '' }) => delta).join(''))
  const response = (status: string, output: readonly object[]) => ({ id: 'r', object: 'response', status, output })
  const frames = [
    { type: 'response.created', response: response('in_progress', []) },
    { type: 'response.output_item.added', output_index: 0, item: item('') },
    ...pieces,
    { type: 'response.output_item.done', output_index: 0, item: whole },
    { type: 'response.completed', response: response('completed', [whole]) },
  ]
  const stream = Buffer.from(frames.map((frame) => `event: ${frame.type}\ndata: ${JSON.stringify(frame)}\n\n`).join(''))
  return played(dialects['openai-responses'], dialects['openai-responses'], [stream], answerRules([rule]))
}

function said(type: string, text: string): readonly object[] {
  return text === '' ? [] : [{ type, text }]
}
