import { readFileSync, writeFileSync } from 'node:fs'
import { startGateway, type RunningGateway } from '../../gateway-fixture.ts'
import { startReplay, type ReplayUpstream } from '../../replay-upstream.ts'
import type { Trace } from './traces.ts'
import { providerKeys, words, wrongKeys } from './words.ts'

type HeaderChanges = Readonly<Record<string, string | undefined>>

/** A gateway with two providers behind it, and a client that says canaries with everything it asks. */
export class CanaryHouse {
  readonly weir: RunningGateway
  readonly one: ReplayUpstream
  readonly two: ReplayUpstream
  /** Everything clients and administrators were told: status, headers and body. */
  readonly told: Trace[] = []
  readonly madeKeys: Record<string, string> = {}

  constructor(weir: RunningGateway, one: ReplayUpstream, two: ReplayUpstream) {
    this.weir = weir
    this.one = one
    this.two = two
  }

  /** With the prompt, a tool, an image and headers that are nobody else's business. `undefined` leaves a header out. */
  ask(path: string, body: object, headers: HeaderChanges = {}): Promise<Response> {
    const parameters = { type: 'object' }
    const tools = [{ type: 'function', function: { name: 'f', description: words.tool, parameters } }]
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${words.image}` } }
    const messages = [{ role: 'user', content: [{ type: 'text', text: words.prompt }, image] }]
    return this.send(path, JSON.stringify({ messages, tools, ...body }), headers)
  }

  async send(path: string, body: string, more: HeaderChanges = {}): Promise<Response> {
    const headers = new Headers({
      authorization: `Bearer ${this.weir.key}`,
      'content-type': 'application/json',
      cookie: `session=${words.cookie}`,
      'user-agent': words.agent,
      'x-forwarded-for': words.agent,
      referer: `https://example.com/${words.query}`,
    })
    for (const [name, value] of Object.entries(more)) {
      if (value === undefined) headers.delete(name)
      else headers.set(name, value)
    }
    const answer = await fetch(`${this.weir.gateway.dataOrigin}${path}`, { method: 'POST', headers, body })
    await this.#tell(path, answer)
    return answer
  }

  async manage(path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const sent = { method: 'POST', headers, ...(body && { body: JSON.stringify(body) }) }
    await this.#tell(path, await this.weir.admin(path, sent))
  }

  /** Makes a key, which is shown here and nowhere else. */
  async newKey(path: string, body?: object): Promise<string> {
    const made = await this.weir.admin(path, { method: 'POST', ...(body && { body: JSON.stringify(body) }) })
    return ((await made.json()) as { key: string }).key
  }

  async reloadWith(before: string, after: string): Promise<void> {
    const { configFile } = this.weir
    writeFileSync(configFile, readFileSync(configFile, 'utf8').replace(before, after))
    await this.manage('/api/config/reload')
  }

  /** Fetches the answers that are left, so that none of them answers a later call. */
  async drained(upstream: ReplayUpstream): Promise<void> {
    while (!(await (await fetch(upstream.origin)).text()).includes('nothing to replay'));
  }

  /** Every secret there is or that was tried. Ids and last four characters of keys are shown on purpose: the rest counts. */
  secrets(): Readonly<Record<string, string>> {
    const keys = { ...this.madeKeys, first: this.weir.key, admin: this.weir.adminKey, unknown: wrongKeys.unknown }
    const secretParts = Object.entries(keys).map(([name, key]) => [`key ${name}`, key.split('_')[2] ?? key] as const)
    return { ...providerKeys, ...wrongKeys, ...Object.fromEntries(secretParts) }
  }

  async close(): Promise<void> {
    await this.weir.close()
    await this.one.close()
    await this.two.close()
  }

  async #tell(path: string, answer: Response): Promise<void> {
    const text = await answer.text()
    const place = `${path} ${answer.status} ${text.slice(0, 60)}`
    this.told.push({ place, text: `${JSON.stringify([...answer.headers])}\n${text}` })
  }
}

export async function openCanaryHouse(): Promise<CanaryHouse> {
  const one = await startReplay()
  const two = await startReplay()
  const weir = await startGateway({
    env: {
      KEY_ONE: providerKeys.one,
      KEY_TWO: providerKeys.two,
      KEY_SPARE: providerKeys.spare,
      KEY_CLAUDE: providerKeys.claude,
    },
    config: `
providers:
  one: { kind: openai-compatible, baseUrl: "${one.origin}/v1", credentials: { apiKey: env:KEY_ONE }, prices: { "*": { input: "1", output: "2" } } }
  two: { kind: openai-compatible, baseUrl: "${two.origin}/v1", credentials: [{ apiKey: env:KEY_TWO }, { apiKey: env:KEY_SPARE }] }
  claude: { kind: anthropic, baseUrl: "${one.origin}", credentials: { apiKey: env:KEY_CLAUDE } }
  nowhere: { kind: openai-compatible, baseUrl: "http://127.0.0.1:9/v1", credentials: { apiKey: env:KEY_ONE } }
models:
  alone: { targets: [{ provider: one, model: m1 }] }
  smart: { targets: [{ provider: nowhere, model: m0 }, { provider: one, model: m1 }, { provider: two, model: m2 }] }
  two: { targets: [{ provider: two, model: m2 }] }
  claude: { targets: [{ provider: claude, model: c1 }] }
  any/*: { targets: [{ provider: one, model: "*" }] }
guardrails:
  never: { terms: [to be guarded], action: block }
`,
    weigh: [
      (targets, call) => {
        if (call.endUser === 'to break the guard') throw new Error('the guard broke')
        return targets
      },
    ],
  })
  return new CanaryHouse(weir, one, two)
}
