import { expect, it } from 'vitest'
import type { AskedRule } from '../../policies/guardrails/external/verdict.ts'
import type { Upstream, UpstreamHandler } from '../../providers/provider.ts'
import { defaultNetwork } from '../../providers/network.ts'
import { turnedClock } from '../../../test/turned-clock.ts'
import { GuardsElsewhere } from './ask-guards.ts'

const text = { path: '0/0', place: 'assistant', text: 'hello', isJsonText: false } as const

function ruleOf(name: string, deadlineMs: number): AskedRule {
  return {
    name,
    detectors: [],
    phases: new Set(['output']),
    places: new Set(['assistant']),
    action: 'flag',
    tag: undefined,
    condition: undefined,
    isShadow: false,
    asked: {
      adapter: {
        word: ({ texts }) => texts.map(() => ({ url: 'http://guard.example/analyze', headers: {}, body: '{}' })),
        read: () => [],
      },
      origin: 'http://guard.example',
      deadlineMs,
      onTimeout: 'allow',
      stream: 'window',
      threshold: undefined,
    },
  }
}

/** Guards of one exchange that never answer by themselves. */
function openGuards(rules: readonly AskedRule[], outputMs: number) {
  const clock = turnedClock()
  const open = new Set<UpstreamHandler>()
  const told: (readonly [string, string, number])[] = []
  const upstream: Upstream = {
    send: (_, handler) => {
      open.add(handler)
      return { pause: () => undefined, resume: () => undefined, abort: () => void open.delete(handler) }
    },
    close: () => Promise.resolve(),
  }
  const way = {
    name: 'guardrail',
    origin: 'http://guard.example',
    network: defaultNetwork,
    authorize: () => ({ headers: [], secrets: [] }),
  }
  const guards = new GuardsElsewhere(
    { ways: new Map(rules.map(({ asked }) => [asked, way])), budgetMs: { input: 0, output: outputMs } },
    {
      clock,
      upstream,
      onNoCredential: () => undefined,
      onGuardAsked: (rule, outcome, tookMs) => void told.push([rule, outcome, tookMs]),
    },
    () => Promise.reject(new Error('no model is asked here')),
  )
  const ask = () => guards.ask(rules, [text], 'output', new AbortController().signal)
  const answerAll = () => {
    for (const handler of open) {
      open.delete(handler)
      handler.head(200, () => undefined)
      handler.end()
    }
  }
  return { clock, open, told, ask, answerAll }
}

/** Lets what has been asked get on its way. */
const onItsWay = () => new Promise<void>((resolve) => setImmediate(resolve))

it('asks all rules at once, each with its own deadline', async () => {
  const { clock, open, told, ask, answerAll } = openGuards([ruleOf('quick', 100), ruleOf('patient', 5_000)], 10_000)
  const asked = ask()
  await onItsWay()
  expect(open.size).toBe(2)
  clock.turn(100)
  await onItsWay()
  expect(open.size).toBe(1)
  answerAll()
  expect((await asked).map((verdict) => verdict.kind)).toEqual(['none', 'judged'])
  expect(told).toEqual([
    ['quick', 'timeout', 100],
    ['patient', 'clean', 100],
  ])
})

it('adds up the questions of a phase, and asks nobody when its time is over', async () => {
  const { clock, open, ask, answerAll } = openGuards([ruleOf('patient', 5_000)], 1_000)
  const first = ask()
  await onItsWay()
  clock.turn(700)
  answerAll()
  expect(await first).toMatchObject([{ kind: 'judged' }])
  const second = ask()
  await onItsWay()
  clock.turn(299)
  expect(open.size).toBe(1)
  clock.turn(1)
  expect(await second).toMatchObject([{ kind: 'none', why: 'timeout' }])
  expect(open.size).toBe(0)
  expect(await ask()).toMatchObject([{ kind: 'none', why: 'timeout' }])
  expect(open.size).toBe(0)
})
