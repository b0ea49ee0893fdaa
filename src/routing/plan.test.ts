import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Call } from '../canonical/call.ts'
import type { Provider } from '../providers/provider.ts'
import { compileCatalog, type Found } from './catalog.ts'
import { planFor, type Asking } from './plan.ts'
import type { Measures } from './strategy.ts'
import type { Principal } from '../canonical/principal.ts'
import { defaultDeadlines, modelSettings } from './settings.ts'

const call: Call = {
  operation: 'chat',
  modelName: 'smart',
  isStream: false,
  outputCapTokens: undefined,
  choiceCount: 1,
  wantsStreamUsage: false,
  needs: new Set(),
  endUser: undefined,
}

const chat = provider('openai', { 'openai-chat': '/v1/chat/completions' })
const messages = provider('claude', { 'anthropic-messages': '/v1/messages' })
const other = provider('other', { 'openai-chat': '/v1/chat/completions' })

describe('a catalog', () => {
  it('prefers an exact name to a pattern, and a longer pattern to a shorter one', () => {
    const { catalog } = compiled({ 'openai/*': '*', 'openai/gpt-*': 'gpt-*', 'openai/gpt-5': 'exactly' })
    expect(catalog.find('openai/gpt-5')?.model.name).toBe('openai/gpt-5')
    expect(catalog.find('openai/gpt-4o')).toMatchObject({ model: { name: 'openai/gpt-*' }, wildcard: '4o' })
    expect(catalog.find('openai/o3')).toMatchObject({ model: { name: 'openai/*' }, wildcard: 'o3' })
    expect(catalog.find('openai/')).toBeUndefined()
    expect(catalog.find('claude')).toBeUndefined()
  })

  it('has no second name for a model: what Google would take for one is none', () => {
    const { catalog } = compiled({ 'openai/*': '*' })
    expect(catalog.find('openai/models/o3')).toBeUndefined()
    expect(catalog.find('openai/my-models/o3')).toMatchObject({ wildcard: 'my-models/o3' })
  })

  it('fills the wildcard into the target, as text and not as a pattern', () => {
    const { catalog } = compiled({ 'openai/*': '*' })
    const direct = catalog.find('openai/$& $1')
    expect(
      direct &&
        planFor(direct, asking({ call: call, dialects: ['openai-chat'], bodyBytes: 100, random: () => 0 })).targets[0]
          .modelName,
    ).toBe('$& $1')
  })

  it.each(['.', '..'])('L4: sends nothing for a model named %s, which in a path would be another place', (name) => {
    const { catalog } = compiled({ 'openai/*': '*' })
    const found = catalog.find(`openai/${name}`)
    if (!found) throw new Error('the pattern fits')
    const asked = asking({ call, dialects: ['openai-chat'], bodyBytes: 100, random: () => 0 })
    expect(() => planFor(found, asked)).toThrow(/has a name that no model can have/)
  })

  it('names a provider that does not exist, with the nearest name', () => {
    const { problems } = compileCatalog(
      { smart: modelSettings.parse({ targets: [{ provider: 'opnai', model: 'x' }] }) },
      defaultDeadlines,
      new Map([['openai', chat]]),
      () => false,
      () => 'openai',
    )
    expect(problems).toEqual([
      {
        path: ['models', 'smart', 'targets', 0, 'provider'],
        message: 'there is no provider "opnai"; did you mean "openai"?',
      },
    ])
  })

  it('refuses a wildcard target under a name that is no pattern', () => {
    const { problems } = compiled({ smart: '*' })
    expect(problems[0]?.message).toContain('nothing to stand for')
  })
})

describe('a plan', () => {
  it('keeps the order of `priority` and says so', () => {
    const plan = planFor(
      found('priority'),
      asking({ call: call, dialects: ['openai-chat'], bodyBytes: 100, random: () => 0 }),
    )
    expect(plan.targets.map((target) => [target.provider.name, target.reason])).toEqual([
      ['openai', 'priority 1 of 2'],
      ['other', 'priority 2 of 2'],
    ])
    expect(plan.passedOver).toEqual([{ target: 'claude/m', reason: 'does not speak openai-chat' }])
  })

  it('draws `weighted` targets in proportion to their weights, each exactly once', () => {
    const firsts = { openai: 0, other: 0 }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999 }), (millionths) => {
        const plan = planFor(
          found('weighted'),
          asking({ call: call, dialects: ['openai-chat'], bodyBytes: 100, random: () => millionths / 1_000_000 }),
        )
        expect(new Set(plan.targets.map((target) => target.provider.name))).toEqual(new Set(['openai', 'other']))
        firsts[plan.targets[0].provider.name as 'openai' | 'other'] += 1
      }),
      { numRuns: 2_000, seed: 7 },
    )
    // Weights 3 to 1.
    expect(firsts.openai / (firsts.openai + firsts.other)).toBeGreaterThan(0.7)
    expect(firsts.openai / (firsts.openai + firsts.other)).toBeLessThan(0.8)
  })

  it('speaks the caller’s own dialect wherever it can, and another where it must', () => {
    const plan = planFor(
      found('priority'),
      asking({ call: call, dialects: ['openai-chat', 'anthropic-messages'], bodyBytes: 100, random: () => 0 }),
    )
    expect(plan.targets.map((target) => [target.provider.name, target.dialect])).toEqual([
      ['openai', 'openai-chat'],
      ['claude', 'anthropic-messages'],
      ['other', 'openai-chat'],
    ])
  })

  it('passes over a target that lacks what the call needs, and says why', () => {
    const { catalog } = compileCatalog(
      {
        smart: modelSettings.parse({
          targets: [
            { provider: 'openai', model: 'blind', abilities: { images: false } },
            { provider: 'openai', model: 'brief', abilities: { outputTokens: 100 } },
            { provider: 'openai', model: 'small', abilities: { contextTokens: 10 } },
            { provider: 'openai', model: 'able' },
          ],
        }),
      },
      defaultDeadlines,
      new Map([['openai', chat]]),
      () => false,
      () => undefined,
      () => 1_000_000,
    )
    const model = catalog.find('smart')
    if (!model) throw new Error('the catalog has lost its model')
    const needy = { ...call, needs: new Set(['images'] as const), outputCapTokens: 200 }
    const plan = planFor(model, asking({ call: needy, dialects: ['openai-chat'], bodyBytes: 1_000, random: () => 0 }))
    expect(plan.targets.map((target) => target.modelName)).toEqual(['small', 'able'])
    expect(plan.passedOver).toEqual([
      { target: 'openai/blind', reason: 'lacks images' },
      { target: 'openai/brief', reason: 'writes at most 100 tokens, and 200 are asked for' },
    ])
    const long = planFor(model, asking({ call: call, dialects: ['openai-chat'], bodyBytes: 1_000, random: () => 0 }))
    expect(long.passedOver).toEqual([
      { target: 'openai/small', reason: 'reads at most 10 tokens, and the call has more' },
    ])
    // Ten inputs of a tenth each may well fit.
    const several = { ...call, inputCount: 10 }
    const fits = planFor(model, asking({ call: several, dialects: ['openai-chat'], bodyBytes: 1_000, random: () => 0 }))
    expect(fits.passedOver).toEqual([])
  })

  it('speaks to each model of a provider in a dialect that this model has', () => {
    const both = {
      ...provider('openai', { 'openai-completions': '/v1/completions', 'openai-chat': '/v1/chat/completions' }),
      speaks: (dialect: string, modelName: string) => (dialect === 'openai-completions') === (modelName === 'old'),
    }
    const { catalog } = compileCatalog(
      { 'x/*': modelSettings.parse({ targets: [{ provider: 'openai', model: '*' }] }) },
      defaultDeadlines,
      new Map([['openai', both]]),
      () => false,
      () => undefined,
    )
    const dialectFor = (name: string, said: Partial<Call> = {}) => {
      const model = catalog.find(name)
      if (!model) throw new Error('the catalog has lost its model')
      const dialects = said.untranslatable === undefined ? (['openai-completions', 'openai-chat'] as const) : own
      return planFor(model, asking({ call: { ...call, ...said }, dialects, bodyBytes: 100, random: () => 0 }))
        .targets[0].dialect
    }
    const own = ['openai-completions'] as const
    expect([dialectFor('x/old'), dialectFor('x/new')]).toEqual(['openai-completions', 'openai-chat'])
    expect(dialectFor('x/old', { untranslatable: 'several prompts' })).toBe('openai-completions')
    expect(() => dialectFor('x/new', { untranslatable: 'several prompts' })).toThrow(
      'openai/new does not speak openai-completions, and nothing else has a word for several prompts',
    )
  })

  it('says that no target speaks the dialect, rather than trying', () => {
    expect(() =>
      planFor(
        found('priority'),
        asking({ call: call, dialects: ['openai-embeddings'], bodyBytes: 100, random: () => 0 }),
      ),
    ).toThrow(/does not speak openai-embeddings/)
  })
})

function found(strategy: 'priority' | 'weighted') {
  const { catalog } = compileCatalog(
    {
      smart: modelSettings.parse({
        strategy,
        targets: [
          { provider: 'openai', model: 'm', weight: 3 },
          { provider: 'claude', model: 'm', weight: 5 },
          { provider: 'other', model: 'm', weight: 1 },
        ],
      }),
    },
    defaultDeadlines,
    new Map([chat, messages, other].map((one) => [one.name, one])),
    () => false,
    () => undefined,
  )
  const smart = catalog.find('smart')
  if (!smart) throw new Error('the catalog has lost its model')
  return smart
}

function compiled(targets: Readonly<Record<string, string>>) {
  return compileCatalog(
    Object.fromEntries(
      Object.entries(targets).map(([name, model]) => [
        name,
        modelSettings.parse({ targets: [{ provider: 'openai', model }] }),
      ]),
    ),
    defaultDeadlines,
    new Map([['openai', chat]]),
    () => false,
    () => undefined,
  )
}

function provider(name: string, endpoints: Provider['endpoints']): Provider {
  return {
    name,
    kind: 'openai-compatible',
    origin: 'http://127.0.0.1:1',
    endpoints,
    credentials: [{ id: `${name}#0`, secret: '', weight: 1 }],
    priceProvider: undefined,
    network: { connectTimeoutMs: 1, maxConnections: 1 },
    tags: [],
    headers: () => [],
  }
}

describe('tags and conditions', () => {
  const providers = new Map(
    ['eu', 'us', 'own'].map((name) => [
      name,
      {
        ...provider(name, { 'openai-chat': '/v1/chat/completions' }),
        tags: { eu: ['region:eu'], us: ['region:us'], own: ['region:eu', 'self-hosted'] }[name] ?? [],
      },
    ]),
  )
  const foundOf = (settings: object): Found => {
    const targets = [
      { provider: 'us', model: 'm' },
      { provider: 'eu', model: 'm', tags: ['zero-retention'] },
      { provider: 'own', model: 'm' },
    ]
    const { catalog, problems } = compileCatalog(
      { smart: modelSettings.parse({ targets, ...settings }) },
      defaultDeadlines,
      providers,
      () => false,
      () => undefined,
    )
    expect(problems).toEqual([])
    const smart = catalog.find('smart')
    if (!smart) throw new Error('the catalog has lost its model')
    return smart
  }
  const names = (settings: object, changes: Parameters<typeof asking>[0] = {}) =>
    planFor(foundOf(settings), asking(changes)).targets.map(({ id }) => id)
  const requires = (...tags: readonly string[]) =>
    principal({ requiredTags: tags.map((tag) => ({ level: `team ${tag}`, tags: [tag] })) })

  it('a required tag may be the provider\u2019s or the target\u2019s own, and all levels are united', () => {
    expect(names({})).toEqual(['us/m', 'eu/m', 'own/m'])
    expect(names({ require: ['region:eu'] })).toEqual(['eu/m', 'own/m'])
    expect(names({ require: ['region:eu'] }, { principal: requires('zero-retention') })).toEqual(['eu/m'])
    expect(names({}, { principal: requires('region:eu', 'self-hosted') })).toEqual(['own/m'])
  })

  it('names the tag and the level when nothing is left', () => {
    const asked = asking({ principal: requires('self-hosted') })
    expect(() => planFor(foundOf({ require: ['region:us'] }), asked)).toThrow(
      expect.objectContaining({
        kind: 'model_not_allowed',
        message:
          'no target of model "smart" may serve this call: ' +
          'us/m lacks the tag self-hosted, which team self-hosted requires; ' +
          'eu/m lacks the tag self-hosted, which team self-hosted requires; ' +
          'own/m lacks the tag region:us, which model smart requires',
      }),
    )
  })

  it('a condition keeps targets for the calls it is true of, and one that cannot be told keeps them out', () => {
    const targets = [
      { provider: 'us', model: 'm', when: 'call.inputBytes < 1000' },
      { provider: 'eu', model: 'm', when: 'metadata.tier == "gold"' },
      { provider: 'own', model: 'm' },
    ]
    expect(names({ targets })).toEqual(['us/m', 'own/m'])
    expect(names({ targets }, { bodyBytes: 5_000, principal: principal({ metadata: { tier: 'gold' } }) })).toEqual([
      'eu/m',
      'own/m',
    ])
    const plan = planFor(foundOf({ targets }), asking())
    expect(plan.passedOver).toEqual([
      { target: 'eu/m', reason: 'serves only when metadata.tier == "gold", which cannot be told: No such key: tier' },
    ])
  })

  it('a condition of the model is one of all its targets', () => {
    const when = 'principal.team == "search" && time.hour >= 8'
    expect(names({ when })).toHaveLength(3)
    expect(() => names({ when }, { nowMs: Date.UTC(2026, 10, 23, 3) })).toThrow(/serves only when principal.team/)
  })

  const tagsOfTargets = {
    us: ['region:us'],
    eu: ['region:eu', 'zero-retention'],
    own: ['region:eu', 'self-hosted'],
  }

  it('whatever the strategy, the plan holds each target that may serve the call once, and no other', () => {
    const tag = fc.constantFrom('region:eu', 'region:us', 'self-hosted', 'zero-retention')
    const strategy = fc.constantFrom('priority', 'weighted', 'cheapest', 'fastest', 'least-busy')
    fc.assert(
      fc.property(
        strategy,
        fc.array(tag, { maxLength: 2 }),
        fc.array(tag, { maxLength: 2 }),
        fc.boolean(),
        (strategy, ofModel, ofTeam, isSticky) => {
          const sticky = isSticky && strategy !== 'priority' ? { by: 'session' } : undefined
          const left = Object.values(tagsOfTargets).filter((tags) => ofModel.every((one) => tags.includes(one)))
          // A model whose own tags leave no target is refused when the config is read.
          fc.pre(left.length > 0)
          const found = foundOf({ strategy, require: ofModel, sticky })
          const required = [...ofModel, ...ofTeam]
          const may = found.model.targets
            .filter(({ tags }) => required.every((one) => tags.has(one)))
            .map(({ id }) => id)
          const plan = () =>
            planFor(found, asking({ principal: requires(...ofTeam), stickyKey: () => 'run-1', random: () => 0.5 }))
          if (may.length === 0) expect(plan).toThrow(/lacks the tag/)
          else
            expect(
              plan()
                .targets.map(({ id }) => id)
                .toSorted(),
            ).toEqual(may.toSorted())
        },
      ),
    )
  })

  it.each([
    [{ when: 'principal.teem == "x"' }, ['when'], /No such key: teem \(at character 11\)/],
    [{ targets: [{ provider: 'us', model: 'm', when: 'call' }] }, ['targets', 0, 'when'], /not true or false/],
  ])('refuses a condition that cannot be read: %j', (settings, path, message) => {
    const { problems } = compileCatalog(
      { smart: modelSettings.parse({ targets: [{ provider: 'us', model: 'm' }], ...settings }) },
      defaultDeadlines,
      providers,
      () => false,
      () => undefined,
    )
    expect(problems).toEqual([
      { path: ['models', 'smart', ...path], message: expect.stringMatching(message) as string },
    ])
  })
})

/** What a plan is made from, but for what a test wants to be different. */
function asking(changes: Partial<Omit<Asking, 'measures'>> & Partial<Measures> = {}): Asking {
  const { random = () => 0, stickyKey, estimateOf, health, isStream } = changes
  return {
    call: changes.call ?? call,
    principal: changes.principal ?? principal(),
    dialects: changes.dialects ?? ['openai-chat'],
    bodyBytes: changes.bodyBytes ?? 100,
    nowMs: changes.nowMs ?? Date.UTC(2026, 10, 23, 14),
    measures: {
      random,
      isStream: isStream ?? false,
      stickyKey: stickyKey ?? (() => undefined),
      estimateOf: estimateOf ?? (() => undefined),
      health: health ?? { running: () => 0, expectedMs: () => undefined },
    },
  }
}

function principal(changes: Partial<Principal> = {}): Principal {
  return {
    organisation: 'acme',
    team: 'search',
    project: undefined,
    user: undefined,
    agent: undefined,
    keyId: 'k',
    keyName: 'ci',
    allowedModels: [],
    requiredTags: [],
    limits: [],
    budgets: [],
    runId: undefined,
    metadata: {},
    ...changes,
  }
}
