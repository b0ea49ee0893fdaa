import type { Call } from '../canonical/call.ts'
import { Losses, type Loss } from '../canonical/loss.ts'
import { edit } from '../canonical/origin.ts'
import { GatewayError } from '../canonical/error.ts'
import { dialects } from '../dialects/all.ts'
import type { Dialect, DialectName } from '../dialects/dialect.ts'
import type { Plan, Target } from '../routing/plan.ts'
import { spliceJson } from '../wire/json-splice.ts'
import type { Asked } from './read-asked.ts'

/** For a provider that demands an output cap when the caller set none, and a model of which nobody said how much it writes. */
const defaultOutputCapTokens = 4_096

/** A call as it leaves for one target. */
export interface Worded {
  readonly dialect: Dialect
  readonly body: Buffer
  /** The call as the provider will read it. */
  readonly call: Call
  /** What the caller said and this target will not hear. Empty in the caller's own dialect. */
  readonly losses: readonly Loss[]
  /** The output cap that the gateway set because the target demands one. */
  readonly addedCapTokens: number | undefined
}

/** In what a call may be said: its own dialect first, then those it can be translated to. */
export function dialectsFor(dialect: Dialect): readonly [DialectName, ...DialectName[]] {
  const known = sayable.get(dialect.name)
  if (known) return known
  const others = Object.values(dialects).filter((other) => other !== dialect && other.translation !== undefined)
  const found = [dialect.name, ...(dialect.translation ? others.map((other) => other.name) : [])] as const
  sayable.set(dialect.name, found)
  return found
}

/** The same for every call of a dialect, so it is worked out once. */
const sayable = new Map<DialectName, readonly [DialectName, ...DialectName[]]>()

/**
 * Words a call for a target. In the caller's own dialect the caller's own bytes travel, with only the target's words spliced
 * in; in another the call is written anew from canonical words.
 */
export function wordFor(asked: Asked, target: Target): Worded {
  const { dialect: own, call } = asked
  if (target.dialect === own.name) {
    const edits = own.upstreamEdits(asked.value, call, target.modelName)
    return {
      dialect: own,
      body: spliceJson(asked.body, asked.scan, edits),
      call,
      losses: [],
      addedCapTokens: undefined,
    }
  }
  const dialect = dialects[target.dialect]
  const chat = asked.chat()
  if (!chat || !dialect.translation) throw new Error(`${own.name} cannot be translated to ${dialect.name}`)
  const losses = new Losses()
  const renamed = edit(chat, { modelName: target.modelName })
  const body = dialect.translation.writeChat(renamed, losses, {
    defaultOutputCapTokens: target.outputTokens ?? defaultOutputCapTokens,
    ...(target.provider.takes && { words: target.provider.takes }),
  })
  const edits = dialect.upstreamEdits(body, dialect.readCall(body), target.modelName)
  const edited = Object.fromEntries([...Object.entries(body), ...edits.map(({ key, value }) => [key, value] as const)])
  const worded = dialect.readCall(edited)
  return {
    dialect,
    body: Buffer.from(JSON.stringify(edited)),
    call: worded,
    losses: losses.list(),
    addedCapTokens: call.outputCapTokens === undefined ? worded.outputCapTokens : undefined,
  }
}

/**
 * The plan without targets that would not hear all of the call.
 * @throws GatewayError `lossy_refused`, naming the fields, when none is left.
 */
export function losslessOnly(plan: Plan, asked: Asked): Plan {
  const lossy: string[] = []
  const [first, ...rest] = plan.targets.filter((target) => {
    const { losses } = wordFor(asked, target)
    if (losses.length > 0)
      lossy.push(`${target.provider.name}/${target.modelName}: ${losses.map(({ path }) => path).join(', ')}`)
    return losses.length === 0
  })
  if (first) return { ...plan, targets: [first, ...rest] }
  throw new GatewayError(
    'lossy_refused',
    `x-weir-strict is set, and no target can hear all of this call (${lossy.join('; ')})`,
  )
}
