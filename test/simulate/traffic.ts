import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeKey } from '../../src/policies/identity/key.ts'
import { sampleKey, sampleOrganisation, sampleTeam } from '../../src/stores/laws/sample-records.ts'
import type { DirectoryContents, Entity, KeyEntry } from '../../src/stores/ports/directory.ts'
import { corpusDir } from '../corpus.ts'

/** Providers whose name says that they bill a call to its end although nobody waits for it. */
export function configText(outputPrice: string): string {
  return `
providers:
  one-bills-on: { kind: openai-compatible, baseUrl: "https://one.example/v1", prices: { m: { input: "3", output: "${outputPrice}" } } }
  two: { kind: openai-compatible, baseUrl: "https://two.example/v1", prices: { m: { input: "1", output: "4" } } }
  three-bills-on: { kind: openai-compatible, baseUrl: "https://three.example/v1", prices: { m: { input: "2", output: "8" } } }
models:
  smart:
    targets: [{ provider: one-bills-on, model: m }, { provider: two, model: m }, { provider: three-bills-on, model: m }]
    hedge: { afterMs: 4000 }
    deadlines: { firstByteMs: 15000, firstByteUnaryMs: 30000, totalMs: 60000 }
    budgets: { all: { usd: "200", per: hour } }
  spread:
    targets: [{ provider: two, model: m }, { provider: three-bills-on, model: m }]
    strategy: weighted
    deadlines: { firstByteMs: 15000, firstByteUnaryMs: 30000, totalMs: 60000 }
  unpriced:
    targets: [{ provider: two, model: nobody-knows }]
    deadlines: { firstByteMs: 15000, firstByteUnaryMs: 30000, totalMs: 60000 }
`
}

const organisations = ['acme', 'beta'] as const
const teams = ['search', 'chat', 'batch'] as const
const keysOfTeam = 4

/** Two organisations with every kind of level, each with budgets of several units and windows, most of them used up now and then. */
export function makePeople(random: () => number): {
  readonly directory: DirectoryContents
  readonly keys: readonly MadeUpKey[]
} {
  const entities: Entity[] = []
  const entries: KeyEntry[] = []
  const keys: MadeUpKey[] = []
  const bytes = (size: number) => Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256)))
  for (const organisation of organisations) {
    entities.push({
      ...sampleOrganisation(organisation),
      timezone: organisation === 'acme' ? 'Europe/Berlin' : 'America/New_York',
      budgets: {
        hourly: { usd: '150', per: 'hour' },
        each: { tokens: 3_000_000, per: 'hour', by: 'user' },
        customers: { usd: '12', per: 'hour', by: 'metadata.customer', unpriced: { ceiling: '0.01' } },
      },
    })
    for (const name of ['ada', 'bob'])
      entities.push(personOf('user', organisation, name, { day: { usd: '600', per: 'day' } }))
    const ofRuns = {
      runs: { calls: 8, per: 'total', by: 'run' },
      time: { seconds: 900, per: 'total', by: 'run' },
    } as const
    entities.push(personOf('agent', organisation, 'fetcher', { ...ofRuns, hour: { tokens: 3_000_000, per: 'hour' } }))
    for (const team of teams) {
      entities.push({
        ...sampleTeam(team, organisation),
        budgets: {
          daily: { usd: '900', per: 'day' },
          volume: { tokens: team === 'chat' ? 1_500_000 : 9_000_000, per: 'hour' },
        },
      })
      entities.push({ ...personOf('project', organisation, 'crawler', { weekly: { usd: '4000', per: 'week' } }), team })
      for (let place = 0; place < keysOfTeam; place += 1) {
        const { key, id } = makeKey(bytes)
        const budgets: NonNullable<KeyEntry['budgets']> =
          place === 0
            ? { calls: { calls: 1_500, per: 'hour' } }
            : { hour: { usd: place === 1 ? '0.3' : '6', per: 'hour', maxPerCall: '1', maxOpenPerKey: 40 } }
        entries.push(
          sampleKey(id, {
            hash: hashOf(key),
            name: `${organisation} ${team} ${place}`,
            organisation,
            team,
            project: place === 1 ? 'crawler' : undefined,
            user: place === 2 ? 'ada' : place === 1 ? 'bob' : undefined,
            agent: place === 3 ? 'fetcher' : undefined,
            budgets,
          }),
        )
        keys.push({ key, isOfAgent: place === 3 })
      }
    }
  }
  return { directory: { entities, keys: entries }, keys }
}

export interface MadeUpKey {
  readonly key: string
  readonly isOfAgent: boolean
}

/** No secret is at stake here, and a look-up is all that a hash is for. */
export function hashOf(key: string): string {
  return `hash of ${key}`
}

/** One call of a trace. */
export interface TraceRow {
  readonly gapMs: number
  readonly inputTokens: number
  readonly outputTokens: number
}

/** Arrivals and sizes of real services, one after the other; made-up ones where the corpus is absent. */
export function readTraces(random: () => number): readonly TraceRow[] {
  if (corpusDir === undefined)
    return Array.from({ length: 5_000 }, () => ({
      gapMs: -Math.log(1 - random()) * 200,
      inputTokens: Math.floor(random() * 4_000),
      outputTokens: Math.floor(random() * 800),
    }))
  const dir = join(corpusDir, 'traces')
  return ['azure-2023-conv.csv', 'azure-2023-code.csv', 'mooncake-conversation.csv'].flatMap((file) => {
    let beforeMs = 0
    return readFileSync(join(dir, file), 'utf8')
      .split('\n')
      .slice(1)
      .filter((line) => line !== '')
      .map((line) => {
        const [atMs = 0, inputTokens = 0, outputTokens = 0] = line.split(',').map(Number)
        const gapMs = atMs - beforeMs
        beforeMs = atMs
        return { gapMs, inputTokens, outputTokens }
      })
  })
}

/** A call as a client sends it. What it will really use stands in the prompt, for the provider. */
export function drawCall(row: TraceRow, keys: readonly MadeUpKey[], random: () => number) {
  const chance = random()
  const model = chance < 0.03 ? 'unpriced' : chance < 0.6 ? 'smart' : 'spread'
  const cap = Math.max(16, Math.min(4_000, Math.floor(row.outputTokens * (1 + random() * 3))))
  const size = Math.min(1_200, row.inputTokens)
  const stream = random() < 0.4 ? '"stream":true,' : ''
  const key = keys[Math.floor(random() * keys.length)]
  if (!key) throw new Error('there are no keys')
  const headers: Record<string, string> = { authorization: `Bearer ${key.key}` }
  if (key.isOfAgent) headers['x-weir-run-id'] = `run${Math.floor(random() * 150)}`
  if (random() < 0.5) headers['x-weir-metadata'] = `{"customer":"c${Math.floor(random() * 12)}"}`
  const content = `weight=${row.outputTokens} ${'x'.repeat(size)}`
  const body = `{"model":"${model}",${stream}"max_tokens":${cap},"messages":[{"role":"user","content":"${content}"}]}`
  return { body: Buffer.from(body), headers }
}

function personOf(kind: Entity['kind'], organisation: string, name: string, budgets: Entity['budgets']): Entity {
  return { ...sampleOrganisation(name), kind, organisation, budgets }
}
