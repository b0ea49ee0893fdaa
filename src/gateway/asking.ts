import { estimateUsage } from '../accounting/estimate.ts'
import { costUnder } from '../accounting/price.ts'
import { targetPrice } from '../accounting/target-price.ts'
import type { Nanos } from '../canonical/money.ts'
import type { Principal } from '../canonical/principal.ts'
import { noUsage, type Usage } from '../canonical/usage.ts'
import type { CatalogModel } from '../routing/catalog.ts'
import type { Asking } from '../routing/plan.ts'
import { sumOf } from './budget.ts'
import type { Exchange } from './exchange.ts'
import type { Parts } from './parts.ts'
import type { Asked } from './read-asked.ts'
import type { Snapshot } from './snapshot.ts'
import { stickyKeyOf } from './sticky-key.ts'
import { dialectsFor } from './word-call.ts'

/** What an answer is taken to have when a price is estimated: the middle of what chats have, or the cap where that is lower. */
const expectedOutputTokens = 500

/** What routing may know of a call: everything that costs something to find out is asked for only where a strategy needs it. */
export function askingOf(
  { headers }: Pick<Exchange, 'headers'>,
  asked: Asked,
  principal: Principal,
  model: CatalogModel,
  snapshot: Snapshot,
  parts: Parts,
): Asking {
  const nowMs = parts.clock.nowMs()
  let usage: Usage | undefined
  return {
    call: asked.call,
    principal,
    dialects: dialectsFor(asked),
    bodyBytes: asked.textBytes,
    nowMs,
    measures: {
      random: parts.random,
      isStream: asked.call.isStream,
      health: parts.health,
      stickyKey: () => model.sticky && stickyKeyOf(model.sticky, asked, principal, headers),
      estimateOf: ({ target: { provider }, modelName }): Nanos | undefined => {
        usage ??= expectedUsage(asked)
        const price = targetPrice(snapshot.prices, { provider, modelName }, nowMs)
        return price && costUnder(price, usage)
      },
    },
  }
}

/** What a call is taken to use when nobody knows yet. */
export function expectedUsage({ call, textBytes }: Asked): Usage {
  const input = estimateUsage({ inputBytes: textBytes, textBytes: 0, contentFrames: 0 })
  if (call.operation !== 'chat') return sumOf(input, call.likely)
  const perChoice = Math.min(call.outputCapTokens ?? expectedOutputTokens, expectedOutputTokens)
  return { ...noUsage, inputUncached: input.inputUncached, outputText: perChoice * call.choiceCount }
}
