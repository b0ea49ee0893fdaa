import { writeUsd, type Nanos } from '../canonical/money.ts'
import type { CatalogModel, CatalogTarget } from './catalog.ts'
import type { Health } from './health.ts'
import { rendezvous } from './rendezvous.ts'

/** A target that may serve the call. */
export interface Candidate {
  readonly target: CatalogTarget
  readonly id: string
  /** The provider's own model name, wildcard filled in. */
  readonly modelName: string
}

export interface Ordered {
  readonly candidate: Candidate
  /** Why it stands at this place. */
  readonly reason: string
}

/** What an order may go by. Each is asked only by the strategy that needs it. */
export interface Measures {
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly isStream: boolean
  /** Calls that belong together have the same. `undefined`: this one belongs to none. */
  readonly stickyKey: () => string | undefined
  /** What the call would cost there, about. `undefined`: no price is known. */
  readonly estimateOf: (candidate: Candidate) => Nanos | undefined
  readonly health: Pick<Health, 'running' | 'expectedMs'>
}

/** How often a target is tried first only because nobody knows how fast it is. */
export const explorationShare = 0.1

/** Orders the candidates of one call: each exactly once, whatever the strategy. */
export function inOrder(model: CatalogModel, candidates: readonly Candidate[], measures: Measures): readonly Ordered[] {
  const [only] = candidates
  if (only && candidates.length === 1) return [{ candidate: only, reason: 'the only target' }]
  const key = model.sticky && measures.stickyKey()
  if (key !== undefined) return sticky(key, `sticky by ${model.sticky?.by}`, candidates)
  switch (model.strategy) {
    case 'priority':
      return candidates.map((candidate, place) => ({
        candidate,
        reason: `priority ${place + 1} of ${candidates.length}`,
      }))
    case 'weighted':
      return drawn(candidates, measures.random).map((candidate, place) => ({
        candidate,
        reason: `weighted draw ${place + 1}`,
      }))
    case 'cheapest':
      return cheapest(candidates, measures)
    case 'fastest':
      return fastest(candidates, measures)
    case 'least-busy':
      return leastBusy(candidates, measures)
  }
}

function sticky(key: string, why: string, candidates: readonly Candidate[]): readonly Ordered[] {
  return rendezvous(
    key,
    candidates,
    ({ id }) => id,
    ({ target }) => target.weight,
  ).map((candidate, place) => ({ candidate, reason: `${why}, choice ${place + 1}` }))
}

/** Draws without putting back, so that the ones behind the first are a fair order for failover too. */
function drawn(candidates: readonly Candidate[], random: () => number): readonly Candidate[] {
  const left = [...candidates]
  const order: Candidate[] = []
  while (left.length > 0) {
    let mark = random() * left.reduce((sum, { target }) => sum + target.weight, 0)
    const place = left.findIndex(({ target }) => (mark -= target.weight) < 0)
    order.push(...left.splice(place < 0 ? left.length - 1 : place, 1))
  }
  return order
}

/** An unknown price is never taken for a low one: those go last, and it is said. */
function cheapest(candidates: readonly Candidate[], { estimateOf }: Measures): readonly Ordered[] {
  const priced = candidates.map((candidate) => ({ candidate, nanos: estimateOf(candidate) }))
  return priced
    .toSorted((one, other) => compareNanos(one.nanos, other.nanos))
    .map(({ candidate, nanos }) => ({
      candidate,
      reason:
        nanos === undefined
          ? 'cheapest: no price is known, so after those with one'
          : `cheapest: about ${writeUsd(nanos)} USD`,
    }))
}

function compareNanos(one: Nanos | undefined, other: Nanos | undefined): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined)
  return one < other ? -1 : Number(one > other)
}

/**
 * By what was measured lately. A target that nobody measured goes behind those that were, but first now and then, since it
 * would never be measured otherwise.
 */
function fastest(candidates: readonly Candidate[], { health, isStream, random }: Measures): readonly Ordered[] {
  const timed = candidates.map((candidate) => ({ candidate, ms: health.expectedMs(candidate.id, isStream) }))
  const order = timed
    .toSorted((one, other) => (one.ms ?? Infinity) - (other.ms ?? Infinity) || 0)
    .map(({ candidate, ms }) => ({
      candidate,
      reason:
        ms === undefined ? 'fastest: not measured lately' : `fastest: first content in about ${Math.round(ms)} ms`,
    }))
  const unmeasured = order.slice(timed.filter(({ ms }) => ms !== undefined).length)
  if (unmeasured.length === 0 || unmeasured.length === order.length || random() >= explorationShare) return order
  const explored = unmeasured[Math.floor(random() * unmeasured.length)]
  if (!explored) return order
  const reason = 'fastest: not measured lately, so measured now'
  return [{ candidate: explored.candidate, reason }, ...order.filter((one) => one !== explored)]
}

/** By running attempts for each unit of weight; among equals by lot, so that an idle gateway does not always take the first. */
function leastBusy(candidates: readonly Candidate[], { health, random }: Measures): readonly Ordered[] {
  return candidates
    .map((candidate) => {
      const running = health.running(candidate.id)
      return { candidate, running, load: running / candidate.target.weight, lot: random() }
    })
    .toSorted((one, other) => one.load - other.load || one.lot - other.lot)
    .map(({ candidate, running }) => ({ candidate, reason: `least busy: ${running} running` }))
}
