import { describe, expect, it } from 'vitest'
import type { ErrorKind } from '../../src/canonical/error.ts'
import type { FailureClass } from '../../src/providers/provider.ts'
import { defaultRetry } from '../../src/routing/catalog.ts'
import { circuitLimits } from '../../src/routing/circuit.ts'
import { decisionLimits } from '../../src/routing/decision.ts'
import { firstContentLimits } from '../../src/routing/first-content.ts'
import { retryBudgetLimits } from '../../src/routing/retry-budget.ts'
import { modelSettings } from '../../src/routing/settings.ts'
import { explorationShare } from '../../src/routing/strategy.ts'
import { verdictOn } from '../../src/routing/verdict.ts'
import { endpoints } from '../../src/server/endpoints.ts'
import { pageAt, tableOf, plain, spans, firstCells } from './read-pages.ts'
import { namedKinds, speaks } from './provider-kinds.ts'

describe('routing.md', () => {
  it('tells the paths, and the kinds of provider that speak their dialects', () => {
    const rows = tableOf('docs/routing.md', ["Client's path", 'Dialect', 'Kinds of provider that speak it'])
    const told = rows.map((row) => [plain(row[0]), spans(row[2] ?? '')] as const)
    expect(told).toEqual(
      endpoints.map(({ path, dialect }) => [path, namedKinds().filter((kind) => speaks(kind, dialect.name))]),
    )
  })

  it('tells what follows each class of failure', () => {
    const example: Readonly<Record<FailureClass, ErrorKind>> = {
      stale: 'upstream_unavailable',
      'not-sent': 'upstream_unavailable',
      refused: 'upstream_overloaded',
      unknown: 'upstream_cut',
      partial: 'upstream_cut',
    }
    const rows = tableOf('docs/routing.md', ['Class', 'What was seen', 'Next', 'Counted as'])
    const facts = {
      wasAnew: false,
      attempts: 1,
      hasNextTarget: true,
      hasOtherCredential: false,
      toldWaitMs: undefined,
    }
    const failover = { onContextLength: false, onContentPolicy: false }
    expect(rows.map((row) => [plain(row[0]), plain(row[2])])).toEqual(
      Object.entries(example).map(([name, kind]) => [
        name,
        verdictOn({ ...facts, class: name as FailureClass, kind }, defaultRetry, failover).next,
      ]),
    )
  })

  it('tells every strategy, and everything that makes calls belong together', () => {
    const { shape } = modelSettings
    const orders = firstCells(tableOf('docs/routing.md', ['Strategy', 'Order']))
    expect(orders).toEqual(shape.strategy.unwrap().options)
    const kinds = firstCells(tableOf('docs/routing.md', ['`by`', 'Calls belong together when they have the same']))
    expect(kinds).toEqual(shape.sticky.unwrap().shape.by.options)
  })

  it('tells the bounds of health, retries and measuring as the code has them', () => {
    const text = pageAt('docs/routing.md').text.replaceAll(/\s+/g, ' ')
    const { openMs, longestOpenMs, windowMs, limitedMs, longestLimitedMs, longestRestMs, ...rest } = circuitLimits
    const seconds = (ms: number) => `${(ms / 1_000).toLocaleString('en')} s`
    const percent = (share: number) => `${share * 100} %`
    for (const sentence of [
      `${rest.failuresInARow} failures in a row, or ${percent(rest.ratio)} of ${rest.ratioCalls} calls or more in the last windows of ${seconds(windowMs)}.`,
      `Passed over for ${seconds(openMs)}, twice as long at each opening in a row, up to ${seconds(longestOpenMs)}.`,
      `Passed over until then; ${seconds(longestRestMs)} at most.`,
      `rests for ${seconds(limitedMs)}, twice as long each time in a row, up to ${seconds(longestLimitedMs)}.`,
      `What was last seen ${seconds(rest.forgottenAfterMs)} ago is forgotten.`,
      `has served within the last ${seconds(rest.provenForMs)}, and not failed since`,
      `at most ${percent(retryBudgetLimits.share)} of the first tries under way, and at least ${retryBudgetLimits.least}:`,
      `the last ${firstContentLimits.kept} of the last ${seconds(firstContentLimits.windowMs)}, streams`,
      `tried first for ${percent(explorationShare)} of the calls`,
      `with fewer than ${firstContentLimits.forPercentile} calls there is no hedge`,
      `More than ${decisionLimits.headerBytes.toLocaleString('en')} bytes of it`,
    ])
      expect(text).toContain(sentence)
  })
})
