import { chooseCredential } from '../providers/credentials.ts'
import type { Credential } from '../providers/provider.ts'
import type { CircuitState } from './circuit.ts'
import { subjectOf } from './health-state.ts'
import type { Health } from './health.ts'
import type { Target } from './plan.ts'

/** Where the next attempt goes. */
export interface Choice {
  readonly target: Target
  readonly credential: Credential
  /** What its health has to do with the choice, for the record. `undefined`: nothing. */
  readonly note: string | undefined
  /** Nothing is well: tried all the same, since a refusal that may be wrong is worse than a try. */
  readonly isLastResort: boolean
  /** The subjects of the probes that were granted for it. Its attempt, or `giveBack`, tells how they went. */
  readonly probes: readonly string[]
}

export type ChoosingHealth = Pick<Health, 'target' | 'credential' | 'dueInMs' | 'claimProbe'>

/**
 * Chooses the next target of a plan: the first that is well and was not tried. Half-open ones are tried by whoever is granted
 * the probe. When none is well, the one that is due back first.
 * @returns `undefined` when all were tried.
 */
export async function chooseNext(
  targets: readonly Target[],
  tried: ReadonlySet<Target>,
  health: ChoosingHealth,
  random: () => number,
): Promise<Choice | undefined> {
  const left: Target[] = []
  const skipped: string[] = []
  for (const target of targets) {
    if (tried.has(target)) continue
    left.push(target)
    const choice = await chooseAt(target, health, random)
    if (choice)
      return { ...choice, note: [choice.note, ...skipped].filter((one) => one !== undefined).join(', ') || undefined }
    skipped.push(`${target.id} ${reasonOf(target, health)}`)
  }
  const [soonest] = left.toSorted((one, other) => dueInMs(one, health) - dueInMs(other, health))
  if (!soonest) return undefined
  return { ...lastResort(soonest, health, random), note: `last resort: ${skipped.join(', ')}` }
}

/** Whether an attempt could go on to another target. What is not well is a candidate too, but not after a last resort. */
export function hasNext(
  targets: readonly Target[],
  tried: ReadonlySet<Target>,
  health: Pick<Health, 'target' | 'credential'>,
  wasLastResort: boolean,
): boolean {
  return targets.some((target) => !tried.has(target) && (!wasLastResort || mayBeWell(target, health)))
}

/** Well, or due for a probe: the target itself, and a credential of its provider there. */
function mayBeWell({ id, provider }: Target, health: Pick<Health, 'target' | 'credential'>): boolean {
  return isDue(health.target(id)) && provider.credentials.some((one) => isDue(health.credential(id, one.id)))
}

/** This target, with a credential that is well there; `undefined` when there is none, or it is not due. */
export async function chooseAt(
  target: Target,
  health: ChoosingHealth,
  random: () => number,
): Promise<Choice | undefined> {
  const state = health.target(target.id)
  if (!isDue(state)) return undefined
  const stateOf = (credential: Credential) => health.credential(target.id, credential.id)
  const well = chooseCredential(target.provider, random, (credential) => stateOf(credential) === 'closed')
  if (state === 'half-open') {
    const probe = subjectOf.target(target.id)
    if (!well || !(await health.claimProbe(probe))) return undefined
    return { target, credential: well, note: 'probe of the target', isLastResort: false, probes: [probe] }
  }
  if (well) return { target, credential: well, note: undefined, isLastResort: false, probes: noProbes }
  for (const credential of target.provider.credentials) {
    const probe = subjectOf.credential(credential.id)
    if (stateOf(credential) === 'half-open' && (await health.claimProbe(probe)))
      return { target, credential, note: `probe of credential ${credential.id}`, isLastResort: false, probes: [probe] }
  }
  return undefined
}

/** This target whatever its health: the best credential there is. */
export function lastResort(target: Target, health: ChoosingHealth, random: () => number): Choice {
  const stateOf = (credential: Credential) => health.credential(target.id, credential.id)
  const credential =
    chooseCredential(target.provider, random, (one) => stateOf(one) === 'closed') ??
    chooseCredential(target.provider, random, (one) => stateOf(one) === 'resting') ??
    chooseCredential(target.provider, random, () => true)
  if (!credential) throw new Error(`provider ${target.provider.name} has no credential`)
  return { target, credential, note: undefined, isLastResort: true, probes: noProbes }
}

/** It came to nothing that tells of its target: were it a probe, another may make it. */
export function giveBack({ probes }: Choice, health: Pick<Health, 'note'>): void {
  for (const subject of probes) health.note({ kind: 'probe-released', subject })
}

const noProbes: readonly string[] = []

function dueInMs({ id, provider }: Target, health: ChoosingHealth): number {
  return Math.min(...provider.credentials.map((credential) => health.dueInMs(id, credential.id)))
}

function isDue(state: CircuitState): boolean {
  return state === 'closed' || state === 'half-open'
}

function reasonOf(target: Target, health: ChoosingHealth): string {
  switch (health.target(target.id)) {
    case 'open':
      return 'has failed too often'
    case 'resting':
      return 'asked to be left alone'
    case 'half-open':
      return 'is being probed'
    case 'closed': {
      const isLimited = target.provider.credentials.some(({ id }) => health.credential(target.id, id) === 'resting')
      return isLimited ? 'limits our rate' : 'has no credential that is well'
    }
  }
}
