import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { message, reply } from './canaries/answers.ts'
import { everything } from './canaries/everything.ts'
import { hostileTexts, isSendable, sendRaw } from './canaries/hostile-texts.ts'
import { openCanaryHouse, type CanaryHouse } from './canaries/house.ts'
import { filesOf, leaksOf, tracesOf } from './canaries/traces.ts'
import { kept, providerKeys, words } from './canaries/words.ts'

let house: CanaryHouse

beforeAll(async () => {
  house = await openCanaryHouse()
  await everything(house)
}, 60_000)

afterAll(() => house.close())

describe('L1 canaries', () => {
  it('are in no log, no metric, no record, no page of the admin API and no file', async () => {
    expect(leaksOf({ ...words, ...house.secrets() }, await tracesOf(house.weir))).toEqual([])
  })

  it('are found where they belong, so that the search is known to work', async () => {
    const traces = await tracesOf(house.weir)
    const places = (secret: string) => leaksOf({ it: secret }, traces).join('\n')
    expect(places(kept.ticket)).toMatch(/\/api\/exchanges\/req_/)
    expect(places(kept.ticket)).toMatch(/\/data\//)
    expect(places(kept.endUser)).toMatch(/\/api\/exchanges\/req_/)
    expect(places(kept.keyName)).toMatch(/\/api\/keys/)
    expect(places(words.prompt)).toBe('')
    const hidden = Buffer.from(`..${words.prompt}`)
    for (const text of [hidden.toString('base64'), hidden.toString('hex'), `my ${words.prompt.slice(3, 20)}`])
      expect(leaksOf(words, [{ place: 'here', text }])).toEqual(['prompt in here'])
  })

  it('of keys are in nothing that any client was told', () => {
    expect(house.told.length).toBeGreaterThan(60)
    expect(leaksOf(house.secrets(), house.told)).toEqual([])
  })

  it('S5 of providers are in the credential header of their own provider, and in no other header of any', () => {
    const { one, two } = house
    for (const [upstream, keys] of [
      [one, [providerKeys.one, providerKeys.claude]],
      [two, [providerKeys.two, providerKeys.spare]],
    ] as const) {
      const asked = upstream.seen.filter(({ method }) => method === 'POST')
      expect(asked.length).toBeGreaterThan(2)
      for (const { path, headers } of asked) {
        const { authorization, 'x-api-key': apiKey, ...others } = headers
        expect(keys).toContain(String(authorization ?? apiKey).replace('Bearer ', ''))
        const trace = { place: path, text: JSON.stringify(others) }
        expect(leaksOf({ ...house.secrets(), ...words, ...kept }, [trace])).toEqual([])
      }
    }
  })
})

describe('L6 text that would forge a line', () => {
  it('as the name of a model or an end user is no fault of ours, and is told in a header without harm', async () => {
    const { one } = house
    for (const text of hostileTexts()) {
      one.answer(reply('fine'))
      const seen = one.seen.length
      const answer = await house.ask('/v1/chat/completions', { model: `any/${text}`, user: text })
      if (one.seen.length === seen) await house.drained(one)
      expect([200, 400, 404], JSON.stringify(text)).toContain(answer.status)
      if (answer.status === 200)
        expect(decodeURIComponent(answer.headers.get('x-weir-model') ?? '')).toBe(text.toWellFormed())
    }
  })

  it('as the name of a field that the target does not know is told among the losses without harm', async () => {
    const { one } = house
    for (const text of hostileTexts()) {
      one.answer(message('fine'))
      const seen = one.seen.length
      const messages = [{ role: 'user', content: 'hello' }]
      const answer = await house.ask('/v1/chat/completions', { model: 'claude', tools: undefined, messages, [text]: 1 })
      if (one.seen.length === seen) await house.drained(one)
      expect([200, 400], JSON.stringify(text)).toContain(answer.status)
      expect(answer.headers.get('set-cookie')).toBeNull()
    }
  })

  it('as a key and a user agent is refused as any wrong key is', async () => {
    for (const text of hostileTexts().filter(isSendable)) {
      const headers = { authorization: `Bearer ${text}`, 'user-agent': text }
      const answer = await house.ask('/v1/chat/completions', { model: 'alone' }, headers)
      expect([400, 401], JSON.stringify(text)).toContain(answer.status)
    }
  })

  it('raw in a header is refused as no HTTP, or is taken for a part of the value', async () => {
    const port = Number(new URL(house.weir.gateway.dataOrigin).port)
    for (const evil of [
      '\u001b[2J',
      'a\r\n  folded: b',
      'a\nx-weir-metadata: {"a":"b"}',
      'a\0b',
      '\u0085',
      '\u009b31m',
    ]) {
      const lines = [
        'host: x',
        `user-agent: ${evil}`,
        'authorization: Bearer x',
        'content-length: 0',
        'connection: close',
      ]
      const answer = await sendRaw(port, `POST /v1/chat/completions HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
      expect(answer, JSON.stringify(evil)).toMatch(/^HTTP\/1\.1 40[01] /)
    }
  })

  it('forges no line of the log and none of the metrics, and stands in neither unescaped', async () => {
    const { weir } = house
    const lines = weir
      .logged()
      .split('\n')
      .filter((line) => line !== '')
    const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg)
    expect(messages.filter((told) => told === 'exchange')).toHaveLength(weir.finished.length)
    expect(messages.filter((told) => told === 'bug')).toHaveLength(1)
    // oxlint-disable-next-line no-control-regex -- the very characters that must not be in a log
    expect(weir.logged()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/)
    const metrics = await (await weir.admin('/metrics')).text()
    const sample = /^(?:#.*|[a-z0-9_]+(?:\{.*\})? (?:[\d.e+-]+|NaN|\+Inf)|)$/
    expect(metrics.split('\n').filter((line) => !sample.test(line))).toEqual([])
  })
})

it('L1 the files hold no canary after the last record has been written either', async () => {
  await house.weir.gateway.drain()
  expect(leaksOf({ ...words, ...house.secrets() }, filesOf(house.weir.dir))).toEqual([])
})
