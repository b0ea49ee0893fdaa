import type { ServerResponse } from 'node:http'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'

/** Pictures and sound, by the openai SDK: forms go on byte for byte, sound comes back as it is. */
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  openai: { kind: openai, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY }, prices: { "tts-*": { characters: "15" }, "dall-e-*": { image: "0.04" } } }
models:
  hear: { targets: [{ provider: openai, model: whisper-1 }], retry: { maxAttempts: 1 } }
  hear-tokens: { targets: [{ provider: openai, model: gpt-4o-transcribe }], retry: { maxAttempts: 1 } }
  speak: { targets: [{ provider: openai, model: tts-1 }], retry: { maxAttempts: 1 } }
  speak-twice: { targets: [{ provider: openai, model: tts-1 }, { provider: openai, model: tts-1-hd }] }
  draw: { targets: [{ provider: openai, model: dall-e-3 }], retry: { maxAttempts: 1 } }
  paint: { targets: [{ provider: openai, model: gpt-image-1 }], retry: { maxAttempts: 1 } }
organisations:
  poor: { budgets: { daily: { usd: "0.05", per: day } } }
  rich: { budgets: { daily: { usd: "5", per: day }, tokens: { tokens: 100000, per: day } } }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

beforeEach(() => upstream.forget())

const client = (apiKey = weir.key) => new OpenAI({ apiKey, baseURL: `${weir.gateway.dataOrigin}/v1`, maxRetries: 0 })
const sound = Buffer.from([0x49, 0x44, 0x33, 0, 0xff, 0x0d, 0x0a, 0x2d, 0x2d, 0x0d, 0x0a, 0])
const soundFile = () => toFile(sound, 'a.mp3', { type: 'audio/mpeg' })

describe('sound that is heard', () => {
  it('goes on in its form, with the model’s name exchanged, and is billed by the second', async () => {
    replayJson({ text: 'Hello', usage: { type: 'duration', seconds: 37 } })
    const told = await client().audio.transcriptions.create({ model: 'hear', file: await soundFile(), language: 'en' })
    expect(told.text).toBe('Hello')
    const { path, fields, contentType } = await lastForm()
    expect([path, fields.get('model'), fields.get('language')]).toEqual(['/v1/audio/transcriptions', 'whisper-1', 'en'])
    expect(Buffer.from(await fileIn(fields, 'file').arrayBuffer())).toEqual(sound)
    expect(contentType).toMatch(/^multipart\/form-data/)
    expect(lastRecord()).toMatchObject({ operation: 'transcription', audioSeconds: 37, costNanos: 3_700_000n })
  })

  it('comes back as plain text where that is asked for, and is then counted by its size (M8)', async () => {
    replay('text/plain; charset=utf-8', Buffer.from('Hello\n'))
    const told = await client().audio.translations.create({
      model: 'hear',
      file: await soundFile(),
      response_format: 'text',
    })
    expect(told).toBe('Hello\n')
    expect(lastRecord()).toMatchObject({ operation: 'audio-translation', usageSource: 'estimated', audioSeconds: 1 })
  })

  it('comes back as a stream of events, in one piece each', async () => {
    const usage = {
      type: 'tokens',
      input_tokens: 14,
      input_token_details: { text_tokens: 0, audio_tokens: 14 },
      output_tokens: 3,
      total_tokens: 17,
    }
    const events = [
      { type: 'transcript.text.delta', delta: 'Hel' },
      { type: 'transcript.text.done', text: 'Hello', usage },
    ]
    replay('text/event-stream', Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')))
    const stream = await client().audio.transcriptions.create({
      model: 'hear-tokens',
      file: await soundFile(),
      stream: true,
    })
    const types: string[] = []
    for await (const { type } of stream) types.push(type)
    expect(types).toEqual(['transcript.text.delta', 'transcript.text.done'])
    expect(lastRecord()).toMatchObject({ inputAudio: 14, outputText: 3, usageSource: 'provider', costNanos: 114_000n })
  })

  it('S1 is told in band where its stream is cut', async () => {
    replay(
      'text/event-stream',
      Buffer.from(`data: ${JSON.stringify({ type: 'transcript.text.delta', delta: 'Hel' })}\n\n`),
    )
    const stream = await client().audio.transcriptions.create({
      model: 'hear-tokens',
      file: await soundFile(),
      stream: true,
    })
    const read = async () => {
      for await (const _ of stream);
    }
    await expect(read()).rejects.toMatchObject({ code: 'upstream_cut' })
  })

  it('may be answered as a whole where a stream was asked for (whisper-1 does not stream)', async () => {
    replayJson({ text: 'Hello', usage: { type: 'duration', seconds: 3 } })
    const told = await postForm('/v1/audio/transcriptions', { model: 'hear', stream: 'true' })
    expect([told.status, await told.json()]).toMatchObject([200, { text: 'Hello' }])
  })

  it('I1 draws on a budget by the most that its file can hold', async () => {
    const key = await keyOf('poor')
    // A megabyte and a half can be 50 minutes of speech: 30 cents.
    const refused = await postForm('/v1/audio/transcriptions', { model: 'hear' }, Buffer.alloc(1_500_000), key)
    expect([refused.status, await refused.json()]).toMatchObject([429, { error: { code: 'budget_exceeded' } }])
    replayJson({ text: 'Hello', usage: { type: 'duration', seconds: 3 } })
    expect((await postForm('/v1/audio/transcriptions', { model: 'hear' }, sound, key)).status).toBe(200)
  })

  it('L3 is refused where its form would steer the call, or names its model twice', async () => {
    const steered = await postForm('/v1/audio/transcriptions', { model: 'hear', base_url: 'http://evil' })
    expect([steered.status, await steered.json()]).toMatchObject([400, { error: { param: 'base_url' } }])
    const body = '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nhear\r\n'
    const twice = await fetch(`${weir.gateway.dataOrigin}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'multipart/form-data; boundary=b' },
      body: `${body}${body}--b--\r\n`,
    })
    expect([twice.status, await twice.json()]).toMatchObject([400, { error: { param: 'model' } }])
  })

  it('is taken in forms only where the operation has files', async () => {
    expect((await postForm('/v1/embeddings', { model: 'hear', input: 'a' })).status).toBe(415)
  })
})

describe('speech', () => {
  it('comes back as the sound that was made, billed by the character', async () => {
    replay('audio/mpeg', sound)
    const told = await client().audio.speech.create({ model: 'speak', voice: 'alloy', input: 'Grüße 😀' })
    expect(Buffer.from(await told.arrayBuffer())).toEqual(sound)
    expect(told.headers.get('content-type')).toBe('audio/mpeg')
    expect(upstream.seen.at(-1)).toMatchObject({ path: '/v1/audio/speech', headers: { accept: '*/*' } })
    expect(lastRecord()).toMatchObject({
      operation: 'speech',
      characters: 7,
      usageSource: 'estimated',
      costNanos: 105_000n,
    })
  })

  it('is heard while it is made, and S1 breaks off where it was cut', async () => {
    const before = weir.finished.length
    const begun = Promise.withResolvers<ServerResponse>()
    upstream.takeOver((_, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'audio/mpeg' })
      outgoing.write(sound)
      begun.resolve(outgoing)
    })
    const told = await client().audio.speech.create({ model: 'speak', voice: 'alloy', input: 'a long story' })
    const reader = told.body?.getReader()
    const first = await reader?.read()
    expect(first?.value && Buffer.from(first.value)).toEqual(sound)
    const provider = await begun.promise
    provider.destroy()
    await expect(reader?.read()).rejects.toThrow()
    await weir.ended(before + 1)
    expect(lastRecord()).toMatchObject({ status: 'truncated', errorKind: 'upstream_cut', characters: 12 })
  })

  it.each(['audio/ogg; codecs="opus"', 'binary/octet-stream', 'application/octet-stream'])(
    'goes on as %s',
    async (contentType) => {
      replay(contentType, sound)
      const told = await client().audio.speech.create({ model: 'speak', voice: 'alloy', input: 'Hello' })
      expect(Buffer.from(await told.arrayBuffer())).toEqual(sound)
      expect(told.headers.get('content-type')).toBe(contentType)
    },
  )

  it('goes on whole where nothing says what it is, and is JSON where it reads as such', async () => {
    upstream.answer({ status: 200, headers: {}, body: sound })
    const told = await client().audio.speech.create({ model: 'speak', voice: 'alloy', input: 'Hello' })
    expect(Buffer.from(await told.arrayBuffer())).toEqual(sound)
    expect(told.headers.get('content-type')).toBe('application/octet-stream')
    expect(lastRecord()).toMatchObject({ status: 'ok', characters: 5, costNanos: 75_000n })
    upstream.answer({ status: 200, headers: {}, body: Buffer.from(JSON.stringify({ audio_data: 'SUQz' })) })
    const inJson = await client().audio.speech.create({ model: 'speak', voice: 'alloy', input: 'Hello' })
    expect(await inJson.json()).toEqual({ audio_data: 'SUQz' })
  })

  it.each([{ 'content-type': 'audio/mpeg' }, {}])('is none where no byte of it comes as %j', async (headers) => {
    upstream.answer({ status: 200, headers, body: Buffer.alloc(0) })
    replay('audio/mpeg', sound)
    const told = await client().audio.speech.create({ model: 'speak-twice', voice: 'alloy', input: 'Hello' })
    expect(Buffer.from(await told.arrayBuffer())).toEqual(sound)
    expect(weir.finished.at(-1)?.records).toMatchObject([
      { status: 'failed', errorKind: 'upstream_invalid' },
      { status: 'ok', targetModel: 'tts-1-hd' },
    ])
  })

  it('is nothing that a browser would run', async () => {
    replay('text/html', Buffer.from('<script>alert(1)</script>'))
    await expect(client().audio.speech.create({ model: 'speak', voice: 'alloy', input: 'a' })).rejects.toMatchObject({
      status: 502,
      code: 'upstream_invalid',
    })
  })

  it('that was refused is told as a problem', async () => {
    upstream.answer({
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(
        JSON.stringify({ error: { message: 'no such voice', type: 'invalid_request_error', param: 'voice' } }),
      ),
    })
    await expect(client().audio.speech.create({ model: 'speak', voice: 'x', input: 'a' })).rejects.toMatchObject({
      status: 400,
      code: 'upstream_rejected',
      param: 'voice',
    })
  })
})

describe('a call of a model that has no tokens', () => {
  const noTokens = { inputUncached: 0, inputAudio: 0, outputText: 0, outputAudio: 0 }

  it('is estimated without any', async () => {
    replay('text/plain', Buffer.from('Hello\n'))
    await postForm('/v1/audio/translations', { model: 'hear', response_format: 'text' })
    expect(lastRecord()).toMatchObject({ ...noTokens, usageSource: 'estimated', audioSeconds: 1, costNanos: 100_000n })
    replay('audio/mpeg', sound)
    await client().audio.speech.create({ model: 'speak', voice: 'alloy', input: 'Hello' })
    expect(lastRecord()).toMatchObject({ ...noTokens, usageSource: 'estimated', characters: 5, costNanos: 75_000n })
  })

  it('I6 counts in doubt as the most of what it has', async () => {
    replay('text/html', Buffer.from('<p>'))
    await postForm('/v1/audio/transcriptions', { model: 'hear' }, Buffer.alloc(4_000))
    const heard = { status: 'failed', usageSource: 'worst_case', audioSeconds: 8, costNanos: 800_000n }
    expect(lastRecord()).toMatchObject({ ...noTokens, ...heard })
    const key = await keyOf('rich')
    replay('text/html', Buffer.from('<p>'))
    await postForm('/v1/audio/transcriptions', { model: 'hear' }, Buffer.alloc(4_000), key)
    expect(lastRecord()).toMatchObject({ ...noTokens, ...heard, postings: expect.stringContaining('800000') })
  })

  it('has those that its provider tells', async () => {
    const usage = { type: 'tokens', input_tokens: 14, output_tokens: 3, seconds: 2 }
    replayJson({ text: 'Hello', usage })
    await postForm('/v1/audio/transcriptions', { model: 'hear' })
    expect(lastRecord()).toMatchObject({ inputAudio: 14, outputText: 3, audioSeconds: 2, costNanos: 200_000n })
  })

  it('is estimated with tokens where its model has such', async () => {
    replay('text/plain', Buffer.from('Hello\n'))
    await postForm('/v1/audio/transcriptions', { model: 'hear-tokens', response_format: 'text' })
    expect(lastRecord()?.inputAudio).toBeGreaterThan(0)
  })
})

describe('pictures', () => {
  it('are billed by the picture where they have a price each', async () => {
    replayJson({ created: 1, data: [{ url: 'https://a.example/1.png' }, { url: 'https://a.example/2.png' }] })
    const told = await client().images.generate({ model: 'draw', prompt: 'a cat', n: 2, size: '1024x1024' })
    expect(told.data).toHaveLength(2)
    expect(lastRecord()).toMatchObject({ operation: 'images', images: 2, costNanos: 80_000_000n })
  })

  it('are billed by tokens where those are told, and edited in a form', async () => {
    const usage = {
      input_tokens: 60,
      output_tokens: 272,
      total_tokens: 332,
      input_tokens_details: { text_tokens: 10, image_tokens: 50 },
    }
    replayJson({ created: 1, data: [{ b64_json: 'aQ==' }], usage })
    const image = await toFile(sound, 'a.png', { type: 'image/png' })
    await client().images.edit({ model: 'paint', image: [image, image], prompt: 'greener' })
    const { path, fields } = await lastForm()
    expect([path, fields.get('model'), fields.getAll('image[]').length]).toEqual(['/v1/images/edits', 'gpt-image-1', 2])
    // 10 at 5, 50 at 10 and 272 at 40 dollars a million.
    expect(lastRecord()).toMatchObject({ images: 1, inputImage: 50, outputImage: 272, costNanos: 11_430_000n })
  })

  it('I1 draw on a budget before they are made', async () => {
    const key = await keyOf('poor')
    await expect(client(key).images.generate({ model: 'draw', prompt: 'a cat', n: 2 })).rejects.toMatchObject({
      status: 429,
      code: 'budget_exceeded',
    })
    replayJson({ created: 1, data: [{ url: 'https://a.example/1.png' }] })
    expect((await client(key).images.generate({ model: 'draw', prompt: 'a cat' })).data).toHaveLength(1)
  })

  it('are summed up in the usage of the API', async () => {
    const told = await weir.admin('/api/usage')
    const { totals } = z.object({ totals: z.record(z.string(), z.unknown()) }).parse(await told.json())
    expect(totals).toMatchObject({ images: 4, characters: expect.any(Number), audioSeconds: expect.any(Number) })
  })
})

async function keyOf(organisation: string): Promise<string> {
  const made = await weir.admin('/api/keys', { method: 'POST', body: JSON.stringify({ name: 'k', organisation }) })
  return z.object({ key: z.string() }).parse(await made.json()).key
}

function postForm(path: string, fields: Readonly<Record<string, string>>, bytes: Buffer = sound, key = weir.key) {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  body.set('file', new Blob([new Uint8Array(bytes)]), 'a.mp3')
  return fetch(`${weir.gateway.dataOrigin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body,
  })
}

function replay(contentType: string, body: Buffer): void {
  upstream.answer({ status: 200, headers: { 'content-type': contentType }, body })
}

function replayJson(body: object): void {
  replay('application/json', Buffer.from(JSON.stringify(body)))
}

/** As another reader of forms takes it. */
async function lastForm() {
  const seen = upstream.seen.at(-1)
  if (!seen) throw new Error('nothing was asked')
  const contentType = String(seen.headers['content-type'])
  const fields = await new Response(new Uint8Array(seen.body), { headers: { 'content-type': contentType } }).formData()
  return { path: seen.path, fields, contentType }
}

function fileIn(fields: FormData, name: string): Blob {
  const value = fields.get(name)
  if (value === null || typeof value === 'string') throw new Error(`${name} is no file`)
  return value
}

function lastRecord() {
  return weir.finished.at(-1)?.records[0]
}
