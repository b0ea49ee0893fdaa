import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Call } from '../canonical/call.ts'
import type { Provider } from '../providers/provider.ts'
import { compileCatalog } from './catalog.ts'
import { planFor } from './plan.ts'
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

  it('fills the wildcard into the target, as text and not as a pattern', () => {
    const { catalog } = compiled({ 'openai/*': '*' })
    const direct = catalog.find('openai/$& $1')
    expect(direct && planFor(direct, call, ['openai-chat'], 100, () => 0).targets[0].modelName).toBe('$& $1')
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
    const plan = planFor(found('priority'), call, ['openai-chat'], 100, () => 0)
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
        const plan = planFor(found('weighted'), call, ['openai-chat'], 100, () => millionths / 1_000_000)
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
    const plan = planFor(found('priority'), call, ['openai-chat', 'anthropic-messages'], 100, () => 0)
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
    const plan = planFor(model, needy, ['openai-chat'], 1_000, () => 0)
    expect(plan.targets.map((target) => target.modelName)).toEqual(['small', 'able'])
    expect(plan.passedOver).toEqual([
      { target: 'openai/blind', reason: 'lacks images' },
      { target: 'openai/brief', reason: 'writes at most 100 tokens, and 200 are asked for' },
    ])
    const long = planFor(model, call, ['openai-chat'], 1_000, () => 0)
    expect(long.passedOver).toEqual([
      { target: 'openai/small', reason: 'reads at most 10 tokens, and the call has more' },
    ])
  })

  it('says that no target speaks the dialect, rather than trying', () => {
    expect(() => planFor(found('priority'), call, ['openai-embeddings'], 100, () => 0)).toThrow(
      /does not speak openai-embeddings/,
    )
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
    headers: () => [],
  }
}
