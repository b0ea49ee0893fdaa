import { planFor } from '../routing/plan.ts'
import { askInput } from './guards/ask-input.ts'
import { judgeFor } from './guards/ask-model.ts'
import { askingOf } from './asking.ts'
import { attemptInOrder } from './attempt.ts'
import { budgetsOver } from './budget.ts'
import { countHere } from './count-tokens.ts'
import { enter } from './enter.ts'
import type { Exchange } from './exchange.ts'
import { findPermitted } from './find-model.ts'
import { guardInput } from './guards/guard-input.ts'
import { takeLimits } from './limit.ts'
import { openMeter } from './meter.ts'
import type { Parts } from './parts.ts'
import { pinToState } from './pin-to-state.ts'
import { readAsked } from './read-asked.ts'
import { refuse } from './refuse.ts'
import { relay } from './relay.ts'
import { losslessOnly } from './word-call.ts'

/**
 * Serves one exchange, start to end: THE HOT PATH. Straight code, since the order is not optional: each step needs what
 * only the step before it makes. Whatever happens, the meter is closed exactly once, and the client is told the truth.
 */
export async function serve(exchange: Exchange, parts: Parts): Promise<void> {
  // One version of the config and the directory for the whole exchange (failures.md S11).
  const snapshot = parts.snapshot()
  const meter = openMeter(exchange, snapshot, parts)
  try {
    // Who is calling? From headers alone, before a byte of the body is read.
    const principal = enter(exchange, snapshot, meter, parts)

    // What is asked? The original bytes stay beside the canonical call.
    const body = await exchange.client.readBody(snapshot.maxBodyBytes)
    const asked = readAsked(exchange.endpoint.dialect, body, exchange.address, exchange.headers.one('content-type'))
    meter.asked(asked)

    // May they? Unknown models are 404, forbidden ones 403.
    const found = findPermitted(snapshot.catalog, principal, asked.call.modelName, meter)
    const budgeted = budgetsOver(principal, asked, found.model.name, snapshot)

    // How often? Every limit above the call lets it pass, or none is charged. The meter gives back what it took.
    await takeLimits(exchange, principal, asked, found.model.name, snapshot, meter, parts)

    // Policies look at every text, and may stop the call or change it before it costs anything.
    const looked = guardInput(asked, principal, snapshot, parts, (notes) => meter.guarded(notes))
    const guarded = looked.elsewhere
      ? await askInput(looked, looked.elsewhere, exchange, snapshot, parts, judgeFor(looked, exchange, snapshot, parts))
      : looked
    const { asked: allowed, answer: guard } = guarded
    if (allowed !== asked) meter.asked(allowed)
    const isHeard = meter.monitored(looked.monitoring, asked)

    // Counting tokens is answered here where no provider does it.
    if (countHere(exchange, allowed, found, meter)) return

    // Where to? Targets in order, each with its reason.
    const planned = planFor(found, askingOf(exchange, allowed, guarded.principal, found.model, snapshot, parts))
    const weighed = parts.hooks.weigh.reduce(
      (so, weigh) => ({ ...so, targets: weigh(so.targets, allowed.call) }),
      planned,
    )
    // State that a provider keeps is where it is: there, or nowhere.
    const pinned = allowed.call.state
      ? await pinToState(weighed, allowed.call.state, allowed, principal, parts)
      : weighed
    const plan =
      exchange.headers.one('x-weir-strict') === 'true' ? losslessOnly(pinned, allowed, exchange.headers) : pinned
    meter.planned(plan)

    // Targets in order until one has an answer in hand; nothing has reached the client yet. Each attempt first sets aside the
    // most that it can come to, in every budget above the call.
    const answer = await attemptInOrder({ exchange, asked: allowed, guard, isHeard, plan, budgeted, meter, parts })
    if (answer.upstream.ear) meter.heard(answer.upstream.ear)

    // Bytes to the client. From here on nothing is ever tried again.
    await relay(exchange, answer, meter, parts)
  } catch (thrown) {
    refuse(exchange, thrown, meter)
  } finally {
    meter.close()
  }
}
