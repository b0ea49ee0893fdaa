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

export type ChoosingHealth = Pick<Health, 'target' | 'credential' | 'dueInMs' | 'claimProbe' | 'note'>

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

/** The first that was not tried and is well, for a second attempt beside a slow one: that is no time for a probe. */
export function chooseWell(
  targets: readonly Target[],
  tried: ReadonlySet<Target>,
  health: Pick<Health, 'target' | 'credential'>,
  random: () => number,
): Choice | undefined {
  for (const target of targets) {
    if (tried.has(target) || health.target(target.id) !== 'closed') continue
    const credential = wellCredential(target, health, random)
    if (credential) return soundChoice(target, credential)
  }
  return undefined
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
  const well = wellCredential(target, health, random)
  if (state === 'closed') return well ? soundChoice(target, well) : await probeOfCredential(target, health)
  if (!well && !mayBeWell(target, health)) return undefined
  const probe = subjectOf.target(target.id)
  if (!(await health.claimProbe(probe))) return undefined
  const note = 'probe of the target'
  if (well) return { target, credential: well, note, isLastResort: false, probes: [probe] }
  // One call is the probe of both.
  const both = await probeOfCredential(target, health)
  if (both) return { ...both, note: `${note}, ${both.note}`, probes: [probe, ...both.probes] }
  health.note({ kind: 'probe-released', subject: probe })
  return undefined
}

async function probeOfCredential(target: Target, health: ChoosingHealth): Promise<Choice | undefined> {
  for (const credential of target.provider.credentials) {
    const probe = subjectOf.credential(credential.id)
    if (health.credential(target.id, credential.id) === 'half-open' && (await health.claimProbe(probe)))
      return { target, credential, note: `probe of credential ${credential.id}`, isLastResort: false, probes: [probe] }
  }
  return undefined
}

function wellCredential(
  { id, provider }: Target,
  health: Pick<Health, 'credential'>,
  random: () => number,
): Credential | undefined {
  return chooseCredential(provider, random, (credential) => health.credential(id, credential.id) === 'closed')
}

function soundChoice(target: Target, credential: Credential): Choice {
  return { target, credential, note: undefined, isLastResort: false, probes: noProbes }
}

/** This target whatever its health: the best credential there is. */
export function lastResort(target: Target, health: ChoosingHealth, random: () => number): Choice {
  const stateOf = (credential: Credential) => health.credential(target.id, credential.id)
  const credential =
    wellCredential(target, health, random) ??
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
