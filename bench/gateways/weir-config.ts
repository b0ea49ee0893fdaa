import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { upstream } from '../provider.ts'

/** The model that clients ask Weir for: it has three targets. */
export const benchModel = 'bench'

/**
 * Parts of the config that a revision of Weir may not know yet. They are tried with `weir check`, so that the same bench can
 * run an older revision; what both sides of a comparison do not know is left out on both.
 */
export const parts = ['limits', 'leastBusy', 'shed', 'workers', 'budgets'] as const
export type Part = (typeof parts)[number]

export interface ConfigWishes {
  readonly dataDir: string
  readonly providerPort: number
  /** `hmac:...` of the key that the generator sends. */
  readonly keyHash: string
  readonly parts: ReadonlySet<Part>
  /** Heeded where the part `workers` is known. */
  readonly workers: number
}

/**
 * Everything on: a key below a team and a project, limits at every level that none of the load can reach, three targets by lot
 * or by how busy they are, prices, records; metrics and access log always are. Strict budgets at every level are a part that is
 * measured by itself: without one above a call none of their work is done.
 */
export function weirConfig({ dataDir, providerPort, keyHash, parts: known, workers }: ConfigWishes): string {
  const only = (part: Part, settings: object) => (known.has(part) ? settings : {})
  const limits = (settings: object) => only('limits', { limits: settings })
  const plenty = 1_000_000_000
  const budgets = (settings: object) => only('budgets', { budgets: settings })
  const provider = (last: number) => ({
    kind: 'openai-compatible',
    baseUrl: `http://127.0.0.${last}:${providerPort}/v1`,
    credentials: { apiKey: 'env:UPSTREAM_SECRET' },
    network: { maxConnections: 4_000 },
    prices: { '*': { input: '0.15', output: '0.60' } },
  })
  const targets = ['one', 'two', 'three'].map((name) => ({ provider: name, model: upstream.modelName }))
  const key = {
    hash: keyHash,
    project: 'load',
    ...limits({ calls: { requests: plenty, per: 'minute' } }),
    ...budgets({ all: { tokens: plenty * 1_000, per: 'month' } }),
  }
  const team = {
    projects: { load: {} },
    keys: { generator: key },
    ...limits({ parallel: { concurrent: 10_000 }, calls: { requests: plenty, per: 'minute' } }),
    ...budgets({ daily: { usd: '1000000', per: 'day' } }),
  }
  // JSON is YAML.
  return JSON.stringify({
    server: {
      listen: '127.0.0.1:0',
      drainMs: 1_000,
      ...only('workers', { workers }),
      // A saturated core is what is measured here: on, but not to be reached where other work holds up the machine.
      ...only('shed', { shed: { loopDelayMs: 10_000 } }),
    },
    admin: { listen: '127.0.0.1:0' },
    store: { dir: dataDir },
    providers: { one: provider(1), two: provider(2), three: provider(3) },
    models: { [benchModel]: { strategy: known.has('leastBusy') ? 'least-busy' : 'weighted', targets } },
    organisations: {
      acme: {
        models: [benchModel],
        teams: { search: team },
        ...limits({ calls: { requests: plenty, per: 'minute' }, volume: { tokens: plenty, per: 'minute' } }),
        ...budgets({ monthly: { usd: '10000000', per: 'month', timezone: 'Europe/Berlin' } }),
      },
    },
  })
}

/** Which parts the Weir of a folder knows. */
export function knownParts(root: string, dir: string): ReadonlySet<Part> {
  const isKnown = (part: Part) => {
    const file = join(dir, `try-${part}.yaml`)
    const keyHash = `hmac:${'0'.repeat(64)}`
    writeFileSync(file, weirConfig({ dataDir: dir, providerPort: 1, keyHash, parts: new Set([part]), workers: 1 }))
    const env = { PATH: process.env['PATH'], UPSTREAM_SECRET: 'x' }
    return spawnSync(process.execPath, [join(root, 'src/main.ts'), 'check', file], { env }).status === 0
  }
  return new Set(parts.filter(isKnown))
}
