import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { openAdmin } from '../src/admin/app.ts'
import type { AdminParts, ReloadOutcome } from '../src/admin/ports.ts'
import { identityViews } from '../src/build/admin-views.ts'
import { budgetsInForce } from '../src/build/budget-views.ts'
import { directoryOfConfig } from '../src/policies/identity/from-config.ts'
import { makeKey, openKeyHasher } from '../src/policies/identity/key.ts'
import type { OrganisationsSettings } from '../src/policies/identity/settings.ts'
import { openTurns } from '../src/canonical/turns.ts'
import { entityId, joinIdentity, type IdentityTree } from '../src/policies/identity/tree.ts'
import { openLedger } from '../src/stores/embedded/ledger.ts'
import { openEmbedded } from '../src/stores/embedded/open-embedded.ts'
import { sampleRule } from '../src/stores/laws/sample-limits.ts'
import type { OwnLedger } from '../src/stores/ports/ledger.ts'
import type { Stores } from '../src/stores/ports/stores.ts'
import { turnedClock, type TurnedClock } from './turned-clock.ts'

/** The admin API over a real store in a folder of its own, without a gateway around it. */
export interface AdminHouse {
  readonly app: OpenAPIHono
  readonly adminKey: string
  readonly clock: TurnedClock
  readonly stores: Stores
  readonly ledger: OwnLedger
  readonly hashOf: (key: string) => string
  /** Who the data listener would see now. */
  identity(): IdentityTree
  readonly bugs: readonly unknown[]
  /** What the next reloads say. */
  reloadOutcome: ReloadOutcome
  /** With the admin key; a body becomes JSON. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body, parsed; `undefined` when it is no JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects, field by field
  readonly body: any
}

/** Of the config file: an organisation with a team, a project, a user, an agent and a key. */
export const configured: OrganisationsSettings = {
  fixed: {
    teams: {
      core: { models: ['smart'], projects: { site: {} }, keys: { ci: { hash: `hmac:${'ab'.repeat(32)}` } } },
    },
    users: { ada: {} },
    agents: { fetcher: {} },
  },
}

export async function openAdminHouse(edit: (parts: AdminParts) => AdminParts = (parts) => parts): Promise<AdminHouse> {
  const dir = mkdtempSync(join(tmpdir(), 'weir-admin-'))
  const clock = turnedClock()
  const bugs: unknown[] = []
  const config = directoryOfConfig(configured)
  const configIds = new Set(config.entities.map(entityId))
  const stores = await openEmbedded({
    dir,
    clock,
    onFailure: (failure) => void bugs.push(failure),
    isConfigured: (entity) => configIds.has(entityId(entity)),
  })
  const ledger = await openLedger({ clock, accounts: stores.accounts, entries: stores.entries })
  const adminKey = `weir_admin_${randomBytes(16).toString('hex')}`
  const hashOf = openKeyHasher(randomBytes(32))
  let tree = joinIdentity(config, stores.directory.contents())
  const parts: AdminParts = {
    clock,
    stores,
    turns: openTurns(),
    ledger,
    verifyAdminKey: (candidate) => candidate === adminKey,
    makeKey: () => {
      const made = makeKey(randomBytes)
      return { ...made, hash: hashOf(made.key) }
    },
    identities: () => identityViews(tree),
    workers: () => [],
    restart: () => {},
    directoryChanged: async () => {
      tree = joinIdentity(config, stores.directory.contents())
    },
    models: () => [
      {
        name: 'smart',
        strategy: 'priority',
        targets: [
          {
            provider: 'openai',
            model: 'gpt-5.2',
            weight: 1,
            tags: [],
            priceVersion: 'genai-prices@0.1.8/openai/gpt-5.2',
          },
          { provider: 'local', model: 'llama', weight: 2, tags: ['self-hosted'], priceVersion: undefined },
        ],
      },
    ],
    providers: async () => [
      {
        name: 'openai',
        kind: 'openai',
        origin: 'https://api.openai.com',
        dialects: ['openai-chat'],
        network: {
          isPrivate: false,
          proxy: 'http://proxy.example:3128',
          trusts: 'own',
          hasClientCertificate: true,
          servername: undefined,
          minTlsVersion: 'TLSv1.2',
        },
        tags: ['region:eu'],
        targets: [{ model: 'gpt-5.2', state: 'open', dueInMs: 4_000, running: 3, firstContentMs: undefined }],
        credentials: [{ id: 'openai/0', weight: 1, isResting: true }],
        successes: 5,
        failures: 2,
        consecutiveFailures: 1,
        lastSuccessAtMs: clock.nowMs() - 60_000,
        lastFailure: { atMs: clock.nowMs(), kind: 'upstream_timeout' },
      },
    ],
    limits: async () => [
      { rule: sampleRule(), by: undefined, accounts: [] },
      {
        rule: sampleRule({ name: 'perUser', most: 4, by: { kind: 'endUser' } }),
        by: 'endUser',
        accounts: [
          { ruleId: '', value: 'fixed/grace', used: 1, resetMs: 7_000, waiting: 0 },
          { ruleId: '', value: 'fixed/ada', used: 3, resetMs: 61_000, waiting: 2 },
        ],
      },
    ],
    budgets: () => budgetsInForce({ identity: tree, modelBudgets: new Map() }),
    config: () => ({
      version: 'a1b2c3d4e5f6',
      fileName: '/etc/weir/weir.yaml',
      loadedAtMs: clock.nowMs(),
      warnings: ['model "local" has no price'],
      lastReloadProblem: undefined,
    }),
    reload: () => Promise.resolve(house.reloadOutcome),
    prices: { list: () => [], layers: () => [], differences: () => [] },
    rerate: () =>
      Promise.resolve({
        examined: 0,
        adjusted: 0,
        unpriced: 0,
        toldByProvider: 0,
        entries: [],
        models: [],
        next: undefined,
      }),
    metrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'weir_up 1\n' }),
    onBug: (error) => void bugs.push(error),
  }
  const { app } = openAdmin(edit(parts))
  const house: AdminHouse = {
    app,
    adminKey,
    clock,
    stores,
    ledger,
    hashOf,
    identity: () => tree,
    bugs,
    reloadOutcome: { isTaken: true, version: 'a1b2c3d4e5f6', warnings: [] },
    call: async (method, path, body, headers) => {
      const answer = await app.request(path, {
        method,
        headers: {
          authorization: `Bearer ${adminKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, text, body: parsed(text) }
    },
    close: async () => {
      await stores.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return house
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
