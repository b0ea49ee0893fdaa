import { delta, ending, frame, html, json, message, reply, stream } from './answers.ts'
import type { CanaryHouse } from './house.ts'
import { kept, providerKeys, words, wrongKeys } from './words.ts'

const chat = '/v1/chat/completions'
const alone = { model: 'alone' }
const streaming = { model: 'alone', stream: true }

/** Every kind of exchange there is, each with canaries in every place that a client or a provider fills. */
export async function everything(house: CanaryHouse): Promise<void> {
  await whatIsAnswered(house)
  await whatIsTranslated(house)
  await whatFails(house)
  await whatBreaksOff(house)
  await whatIsRefused(house)
  await whatIsManaged(house)
}

async function whatIsAnswered(house: CanaryHouse): Promise<void> {
  const { one, weir } = house
  one.answer(reply(words.answer))
  const labels = { 'x-weir-metadata': JSON.stringify({ ticket: kept.ticket }) }
  await house.ask(chat, { ...alone, user: kept.endUser }, labels)
  one.answer(stream(delta({ content: words.streamed }), delta({ reasoning_content: words.thought }), ending))
  await house.ask(chat, streaming)
  const call = { name: 'f', arguments: JSON.stringify({ a: words.arguments }) }
  one.answer(reply(words.answer, { tool_calls: [{ id: 't', type: 'function', function: call }] }))
  await house.ask(chat, { model: 'any/tools' })
  one.answer(message(words.answer))
  const anthropic = { 'x-api-key': weir.key, authorization: undefined }
  await house.ask('/v1/messages', { model: 'claude', system: words.system, max_tokens: 9 }, anthropic)
  one.answer(json(200, { data: [{ index: 0, embedding: [1] }], usage: { prompt_tokens: 1 } }))
  await house.ask('/v1/embeddings', { ...alone, input: words.embedded })
}

/** One dialect asked, another spoken. */
async function whatIsTranslated(house: CanaryHouse): Promise<void> {
  const { one } = house
  const toAnthropic = { model: 'claude', tools: undefined, logit_bias: { [words.query]: 1 } }
  const text = [{ role: 'user', content: words.prompt }]
  one.answer(message(words.answer))
  await house.ask(chat, toAnthropic)
  one.answer(json(400, { type: 'error', error: { type: 'invalid_request_error', message: words.prompt } }))
  await house.ask(chat, toAnthropic)
  one.answer(reply(words.answer))
  await house.ask('/v1/messages', { ...alone, tools: undefined, messages: text, system: words.system, max_tokens: 9 })
  one.answer(stream(delta({ content: words.streamed }), delta({ reasoning_content: words.thought }), ending))
  await house.ask('/v1/messages', { ...streaming, tools: undefined, messages: text, max_tokens: 9 })
  await house.drained(one)
}

/** Providers that fail, and say in their errors what they were sent. */
async function whatFails(house: CanaryHouse): Promise<void> {
  const { one, two } = house
  const key = providerKeys.one
  for (const status of [400, 404, 422, 429, 500]) {
    one.answer(json(status, echo), json(status, { error: { message: `You sent ${key}, twice: ${key}`, param: key } }))
    await house.ask(chat, alone)
    await house.ask(chat, streaming)
  }
  one.answer(json(401, keyEcho))
  await house.ask(chat, alone)
  two.answer(json(401, keyEcho), json(401, keyEcho))
  await house.ask(chat, { model: 'two' })
  one.answer(html(502, words.page), html(503, key), html(200, words.page), html(500, words.prompt))
  for (const _time of [1, 2, 3, 4]) await house.ask(chat, alone)
  // Nobody is well: one is tried, once.
  one.answer(json(500, echo))
  await house.ask(chat, { model: 'smart' })
  two.answer(reply(words.answer))
  await house.ask(chat, { model: 'two' })
}

async function whatBreaksOff(house: CanaryHouse): Promise<void> {
  const { one, weir } = house
  const text = delta({ content: words.streamed })
  for (const frames of [
    [`data: ${words.broken}\n\n`],
    [`data: {"${words.broken}\n\n`],
    [`${words.broken}\n\n`],
    [text],
    [text, `data: ${words.broken}\n\n`],
    [text, frame(echo)],
    [frame(keyEcho)],
    [text, frame(keyEcho)],
  ]) {
    one.answer(stream(...frames))
    await house.ask(chat, streaming)
  }
  one.takeOver((_incoming, outgoing) => outgoing.socket?.resetAndDestroy())
  await house.ask(chat, alone)

  // The client hangs up in the middle of an answer.
  const ended = weir.finished.length + 1
  one.takeOver((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
    outgoing.write(text)
  })
  const client = new AbortController()
  const answer = await fetch(`${weir.gateway.dataOrigin}${chat}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...streaming, messages: [{ role: 'user', content: words.prompt }] }),
    signal: client.signal,
  })
  await answer.body?.getReader().read()
  client.abort()
  await weir.ended(ended)
}

/** Refusals of our own. */
async function whatIsRefused(house: CanaryHouse): Promise<void> {
  await house.ask(chat, { ...alone, user: 'to be guarded' })
  await house.ask(chat, { ...alone, user: 'to break the guard' })
  for (const key of Object.values(wrongKeys))
    for (const [header, value] of [
      ['authorization', `Bearer ${key}`],
      ['x-api-key', key],
      ['x-goog-api-key', key],
    ] as const)
      await house.ask(chat, alone, { authorization: undefined, [header]: value })
  await house.ask(chat, alone, { authorization: `Basic ${wrongKeys.foreign}` })
  await house.ask(chat, alone, { 'x-api-key': wrongKeys.unknown })
  for (const model of [wrongKeys.unknown, `any/${wrongKeys.unknown}`]) {
    await house.ask(chat, { model })
    await house.ask('/v1/quote', { model })
    await house.ask(`/v1beta/models/${model.replace('/', '%2F')}:generateContent`, { tools: undefined })
  }
  await house.ask(`${chat}?key=${wrongKeys.foreign}`, alone)
  await house.ask(`${chat}?${words.query}=1`, { model: 'nothing' })
  await house.ask(`/v1/${words.query}`, alone)
  await house.ask(chat, { ...alone, max_tokens: words.prompt })
  await house.ask(chat, alone, { 'x-weir-metadata': `{"${words.broken}` })
  await house.ask(chat, alone, { 'content-type': `text/${words.broken}` })
  await house.send(chat, `{"model":"alone","${words.broken}`)
  await house.send(chat, `{"a":"${words.broken}","a":1,"model":"alone"}`)
  await house.send(chat, words.broken)
}

/** The control plane, with secrets in all the wrong places. */
async function whatIsManaged(house: CanaryHouse): Promise<void> {
  const { one, madeKeys } = house
  const owner = { organisation: 'default' }
  madeKeys['used'] = await house.newKey('/api/keys', { name: kept.keyName, ...owner })
  madeKeys['revoked'] = await house.newKey('/api/keys', { name: 'revoked', ...owner })
  madeKeys['rotated'] = await house.newKey('/api/keys', { name: 'rotated', ...owner })
  madeKeys['successor'] = await house.newKey(`/api/keys/${idOf(madeKeys['rotated'])}/rotate`)
  await house.manage(`/api/keys/${idOf(madeKeys['revoked'])}/revoke`)
  for (const key of Object.values(madeKeys)) {
    one.answer(reply(words.answer))
    await house.ask(chat, alone, { authorization: `Bearer ${key}` })
  }
  await house.drained(one)
  await house.manage('/api/keys', { name: 'x', ...owner, [wrongKeys.foreign]: words.broken })
  await house.manage('/api/keys', { name: 'x', ...owner, hash: wrongKeys.foreign })
  await house.manage('/api/keys', { name: 'x', ...owner }, { authorization: `Bearer ${wrongKeys.admin}` })
  await house.manage(`/api/keys/${madeKeys['used']}/revoke`)
  await house.reloadWith('apiKey: env:KEY_ONE', `apiKey: ${wrongKeys.configured}`)
  await house.reloadWith(`apiKey: ${wrongKeys.configured}`, 'apiKey: env:KEY_ONE')
}

const echo = {
  error: { message: `Invalid value: '${words.prompt}'`, type: 'invalid_request_error', param: 'messages', code: null },
}
const keyEcho = {
  error: { message: `Incorrect API key provided: ${providerKeys.one}`, type: 'x', code: 'invalid_api_key' },
}

function idOf(key: string | undefined): string {
  return key?.split('_')[1] ?? ''
}
