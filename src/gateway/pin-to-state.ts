import type { StateReference } from '../canonical/call.ts'
import { GatewayError } from '../canonical/error.ts'
import type { Principal } from '../canonical/principal.ts'
import type { Plan, Target } from '../routing/plan.ts'
import type { StateHolder } from '../stores/ports/state-holders.ts'
import type { Parts } from './parts.ts'
import type { Asked } from './read-asked.ts'

/**
 * A call that builds on what one provider has kept can be served by that one only: the plan shrinks to it, so that the call
 * never fails over, and never reaches state that another organisation made.
 * @throws GatewayError `state_not_available`, naming the field.
 */
export async function pinToState(
  plan: Plan,
  state: readonly StateReference[],
  asked: Asked,
  principal: Principal,
  { stateHolders }: Pick<Parts, 'stateHolders'>,
): Promise<Plan> {
  const holders = await stateHolders.holdersOf(state.map(({ id }) => id))
  let holder: StateHolder | undefined
  for (const [index, reference] of state.entries()) {
    const found = holders[index]
    // Whether it is another's or nobody's is not told: either way it is not the caller's.
    if (found ? found.organisation !== principal.organisation : isOnlyMadeHere(reference)) throw unknown(reference)
    if (holder && found && !isSame(holder, found))
      throw notAvailable(reference, 'another provider, or another account there, holds it than the rest of the call')
    holder ??= found
  }
  const speakers = plan.targets.filter(({ dialect }) => dialect === asked.dialect.name)
  if (holder) return pinned(plan, targetOf(holder, speakers, state))
  const made = state.find(({ kind }) => kind === 'object')
  return made ? pinned(plan, onlyHolder(speakers, made)) : plan
}

function targetOf(holder: StateHolder, speakers: readonly Target[], state: readonly StateReference[]): Target {
  const target = speakers.find(({ provider }) => provider.name === holder.provider)
  const credentials = target?.provider.credentials.filter(({ id }) => id === holder.credentialId) ?? []
  const [reference] = state
  if (target && credentials.length > 0) return { ...target, provider: { ...target.provider, credentials } }
  throw notAvailable(reference, `provider "${holder.provider}", which holds it, does not serve this model any more`)
}

/** Nobody saw where it was made. It can only be at the one provider that could be meant. */
function onlyHolder(speakers: readonly Target[], reference: StateReference): Target {
  const [target] = speakers
  if (target && speakers.every(({ provider }) => provider.name === target.provider.name)) return target
  throw notAvailable(
    reference,
    target ? 'several providers of this model could hold it' : 'no provider of this model could hold it',
  )
}

function pinned(plan: Plan, target: Target): Plan {
  const passedOver = plan.targets
    .filter(({ id }) => id !== target.id)
    .map(({ id }) => ({ target: id, reason: 'does not hold the state that the call builds on' }))
  return {
    ...plan,
    targets: [{ ...target, reason: 'holds the state that the call builds on' }],
    passedOver: [...plan.passedOver, ...passedOver],
  }
}

/** What is not known here, although it could only have come about here, is another's or nobody's. */
function isOnlyMadeHere({ kind }: StateReference): boolean {
  return kind !== 'object' && kind !== 'thought'
}

function unknown(reference: StateReference): GatewayError {
  const isMade = reference.kind !== 'answer' && reference.kind !== 'conversation'
  const advice = isMade ? 'Make it through the gateway' : 'Send the whole conversation, with `store: false`'
  return notAvailable(reference, `nothing is known of it here. ${advice}`)
}

function notAvailable(reference: StateReference | undefined, why: string): GatewayError {
  const param = reference?.param ?? 'input'
  return new GatewayError('state_not_available', `${param} names state that is not available: ${why}`, { param })
}

function isSame(one: StateHolder, other: StateHolder): boolean {
  return one.provider === other.provider && one.credentialId === other.credentialId
}
