import { describe, expect, it } from 'vitest'
import type { Provider } from '../providers/provider.ts'
import { compileCatalog } from './catalog.ts'
import { defaultDeadlines, modelSettings } from './settings.ts'

const one = { targets: [{ provider: 'eu', model: 'm' }] }
const two = {
  targets: [
    { provider: 'eu', model: 'm' },
    { provider: 'us', model: 'm' },
  ],
}
const onlyTarget = 'has no effect: there is one target'

describe('an entry of `models`', () => {
  it.each([
    [{ ...one, hedge: { afterMs: 5 } }, ['hedge'], onlyTarget],
    [
      { ...two, hedge: { afterMs: 5 }, retry: { maxAttempts: 1 } },
      ['hedge'],
      'has no effect: `retry.maxAttempts` is 1',
    ],
    [{ ...one, failover: { onContextLength: true } }, ['failover', 'onContextLength'], onlyTarget],
    [
      { ...two, failover: { onContentPolicy: true }, retry: { maxAttempts: 1 } },
      ['failover', 'onContentPolicy'],
      'has no effect: `retry.maxAttempts` is 1',
    ],
    [{ ...one, strategy: 'least-busy', sticky: { by: 'user' } }, ['sticky'], onlyTarget],
    [{ ...two, sticky: { by: 'session' } }, ['sticky'], expect.stringContaining('no effect under strategy priority')],
    [
      { ...two, strategy: 'weighted', sticky: { by: 'user', header: 'x-a' } },
      ['sticky', 'header'],
      'has an effect with `by: session` only',
    ],
    [
      { strategy: 'cheapest', targets: [{ provider: 'eu', model: 'm', weight: 2 }] },
      ['targets', 0, 'weight'],
      'has no effect under strategy cheapest: weights count under weighted, least-busy and sticky',
    ],
    [
      { ...two, require: ['region:eu', 'self-hosted'] },
      ['require'],
      'leaves no target: eu/m lacks self-hosted; us/m lacks region:eu, self-hosted',
    ],
  ])('is refused for what its other settings leave without effect: %j', (settings, path, message) => {
    expect(problemsOf({ smart: settings })).toEqual([{ path: ['models', 'smart', ...path], message }])
  })

  it.each([
    [{ ...two, hedge: { afterMs: 5 }, failover: { onContextLength: true } }],
    [{ ...one, failover: { onContextLength: false }, retry: { maxAttempts: 1 } }],
    [
      {
        ...two,
        strategy: 'cheapest',
        sticky: { by: 'user' },
        targets: two.targets.map((it) => ({ ...it, weight: 2 })),
      },
    ],
    // The provider that is off may have the tag.
    [{ targets: [...two.targets, { provider: 'off', model: 'm' }], require: ['self-hosted'] }],
  ])('is taken as it is: %j', (settings) => {
    expect(problemsOf({ smart: settings })).toEqual([])
  })

  it('is refused beside another whose pattern is as long and may meet in one name, whichever comes first', () => {
    const message = expect.stringContaining('are equally long and may meet in one name')
    expect(problemsOf({ 'gpt-*': one, '*-pro': one, 'claude-*': one })).toEqual([
      { path: ['models', '*-pro'], message },
    ])
    expect(problemsOf({ '*-pro': one, 'gpt-*': one })).toEqual([{ path: ['models', 'gpt-*'], message }])
  })
})

function problemsOf(models: Readonly<Record<string, object>>) {
  return compileCatalog(
    Object.fromEntries(Object.entries(models).map(([name, settings]) => [name, modelSettings.parse(settings)])),
    defaultDeadlines,
    new Map(['eu', 'us'].map((name) => [name, provider(name)])),
    (name) => name === 'off',
    () => undefined,
  ).problems
}

function provider(name: string): Provider {
  return {
    name,
    kind: 'openai-compatible',
    origin: 'http://127.0.0.1:1',
    endpoints: { 'openai-chat': '/v1/chat/completions' },
    credentials: [{ id: `${name}#0`, secret: '', weight: 1 }],
    priceProvider: undefined,
    network: { connectTimeoutMs: 1, maxConnections: 1 },
    tags: [`region:${name}`],
    headers: () => [],
  }
}
