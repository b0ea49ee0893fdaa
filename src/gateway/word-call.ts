import { knownOutputTokens } from '../accounting/output-maximum.ts'
import type { Call } from '../canonical/call.ts'
import type { JsonObject } from '../canonical/json.ts'
import { Losses, type Loss } from '../canonical/loss.ts'
import { edit } from '../canonical/origin.ts'
import { GatewayError } from '../canonical/error.ts'
import { dialects } from '../dialects/all.ts'
import type { Dialect, DialectName } from '../dialects/dialect.ts'
import type { PassedOver, Plan, Target } from '../routing/plan.ts'
import { spliceJson } from '../wire/json-splice.ts'
import type { Exchange } from './exchange.ts'
import type { Asked } from './read-asked.ts'
import { withoutRefused, wordedWithout } from './refused-keys.ts'
import { canRetell, retellingOf } from './retell-one-answer.ts'

/** For a call that needs an output cap and has none, and a model of which nobody knows how much it writes. */
const unknownModelCapTokens = 4_096
/** Models that can write more than this rarely should: all of it is set aside for each call. */
const mostDefaultCapTokens = 32_000

type ClientHeaders = Pick<Exchange['headers'], 'one'>

/** A call as it leaves for one target. */
export interface Worded {
  readonly dialect: Dialect
  readonly body: Buffer
  /** What the body says, with what the path does, as its dialect reads it. */
  readonly value: JsonObject
  /** Where it is no JSON. */
  readonly contentType?: string | undefined
  /** Of a form: bytes that may be text. */
  readonly textBytes?: number | undefined
  /** The call as the provider will read it. */
  readonly call: Call
  /** What the caller said and this target will not hear. Empty in the caller's own dialect. */
  readonly losses: readonly Loss[]
  /** The output cap that the gateway set because the target demands one, or a budget does. */
  readonly addedCapTokens: number | undefined
}

/** In what a call may be said: its own dialect first, then those it can be translated to. */
export function dialectsFor({
  dialect,
  call,
}: {
  readonly dialect: Dialect
  readonly call: Pick<Call, 'untranslatable'>
}): readonly [DialectName, ...DialectName[]] {
  if (call.untranslatable !== undefined) return [dialect.name]
  const known = sayable.get(dialect.name)
  if (known) return known
  const others = Object.values(dialects).filter((other) => other !== dialect && canRetell(dialect, other))
  const found = [dialect.name, ...others.map((other) => other.name)] as const
  sayable.set(dialect.name, found)
  return found
}

/** The same for every call of a dialect that can be translated, so it is worked out once. */
const sayable = new Map<DialectName, readonly [DialectName, ...DialectName[]]>()

/**
 * Words a call for a target. In the caller's own dialect the caller's own bytes travel, with only the target's words spliced
 * in; in another the call is written anew from canonical words. What it would refuse the call for is left out of either.
 * @param headers of the client's.
 * @param mustBeCapped a budget is above the call: what it writes must have a bound.
 */
export function wordFor(asked: Asked, target: Target, headers: ClientHeaders, mustBeCapped = false): Worded {
  const { dialect: own, call } = asked
  if (target.dialect === own.name) {
    const { refuses, takes } = target.provider
    const said = withoutRefused(asked, refuses)
    const cap = mustBeCapped && isUncapped(call) ? defaultCapAt(target) : call.outputCapTokens
    const mustSayCap = mustBeCapped || said.body !== asked.body
    const isCapped = cap !== undefined && mustSayCap && call.operation === 'chat'
    const capEdits = isCapped ? own.outputCapEdits(said.value, cap, takes) : []
    const edits = own
      .upstreamEdits(asked.value, call, target.modelName, takes)
      .filter(({ key }) => isInBody(own, key) || said.scan.members.some((member) => member.key === key))
      .filter(({ key }) => !refuses?.has(key))
    return {
      dialect: own,
      body: asked.form ? asked.form.edited(edits) : spliceJson(said.body, said.scan, [...edits, ...capEdits]),
      value: said.value,
      contentType: asked.form?.contentType,
      textBytes: asked.form?.textBytes,
      call: isCapped ? { ...call, outputCapTokens: cap } : call,
      losses: said.losses,
      addedCapTokens: call.outputCapTokens === undefined ? cap : undefined,
    }
  }
  const dialect = dialects[target.dialect]
  const losses = new Losses()
  loseBetas(own, headers, losses)
  const { refuses, takes } = target.provider
  const written =
    retellingOf(own, dialect)?.question(asked.value, target.modelName, losses) ??
    wordChat(asked, dialect, target, mustBeCapped, losses)
  const body = wordedWithout(written, refuses, losses)
  const edits = dialect
    .upstreamEdits(body, dialect.readCall(body), target.modelName, takes)
    .filter(({ key }) => !refuses?.has(key))
  const edited = Object.fromEntries([...Object.entries(body), ...edits.map(({ key, value }) => [key, value] as const)])
  const worded = dialect.readCall(edited)
  const inBody = Object.fromEntries(Object.entries(edited).filter(([key]) => isInBody(dialect, key)))
  return {
    dialect,
    body: Buffer.from(JSON.stringify(inBody)),
    value: edited,
    call: worded,
    losses: losses.list(),
    addedCapTokens: call.outputCapTokens === undefined ? worded.outputCapTokens : undefined,
  }
}

/** The same; or why the target has no word for what is asked, so that another may be. */
export function tryToWord(
  asked: Asked,
  target: Target,
  headers: ClientHeaders,
  mustBeCapped?: boolean,
): Worded | GatewayError {
  try {
    return wordFor(asked, target, headers, mustBeCapped)
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.kind === 'unsupported') return thrown
    throw thrown
  }
}

/** What a client asked for of its own dialect's in a header, each by its name. */
function loseBetas({ betaHeader }: Dialect, headers: ClientHeaders, losses: Losses): void {
  if (betaHeader === undefined) return
  for (const beta of headers.one(betaHeader)?.split(',') ?? [])
    if (beta.trim() !== '')
      losses.note(`${betaHeader}=${beta.trim()}`, 'lost', 'only its own dialect knows what the header asks for')
}

function wordChat(
  { call, dialect: own, chat: readChat }: Asked,
  { name, translation }: Dialect,
  target: Target,
  mustBeCapped: boolean,
  losses: Losses,
): JsonObject {
  const chat = readChat()
  if (!chat || !translation) throw new Error(`${own.name} cannot be translated to ${name}`)
  const cap = mustBeCapped && isUncapped(call) ? { outputCapTokens: defaultCapAt(target) } : {}
  return translation.writeChat(edit(chat, { modelName: target.modelName, ...cap }), losses, {
    defaultOutputCapTokens: target.abilities.outputTokens ?? unknownModelCapTokens,
    ...(target.provider.takes && { words: target.provider.takes }),
    ...(target.provider.refuses && { refuses: target.provider.refuses }),
  })
}

function isUncapped({ operation, outputCapTokens }: Call): boolean {
  return operation === 'chat' && outputCapTokens === undefined
}

/** A small cap on a model that thinks gives empty answers, since hidden thought counts: it is as large as is sensible. */
function defaultCapAt({ defaultOutputCapTokens, abilities, modelName }: Target): number {
  if (defaultOutputCapTokens !== undefined) return defaultOutputCapTokens
  const most = abilities.outputTokens ?? knownOutputTokens(modelName)
  return most === undefined ? unknownModelCapTokens : Math.min(most, mostDefaultCapTokens)
}

/** Whether a member leaves in the body; what stands in the path leaves there. */
function isInBody({ address }: Dialect, key: string): boolean {
  return address === undefined || !address.members.includes(key)
}

/**
 * The plan without targets that would not hear all of the call.
 * @throws GatewayError `lossy_refused`, naming the fields, when none is left.
 */
export function losslessOnly(plan: Plan, asked: Asked, headers: ClientHeaders): Plan {
  const lossy: PassedOver[] = []
  const [first, ...rest] = plan.targets.filter((target) => {
    const worded = tryToWord(asked, target, headers)
    // It is passed over when its turn comes.
    if (worded instanceof GatewayError) return true
    const { losses } = worded
    if (losses.length > 0) lossy.push({ target: target.id, reason: losses.map(({ path }) => path).join(', ') })
    return losses.length === 0
  })
  if (first) {
    const passedOver = lossy.map(({ target, reason }) => ({
      target,
      reason: `x-weir-strict: would not hear ${reason}`,
    }))
    return { ...plan, targets: [first, ...rest], passedOver: [...plan.passedOver, ...passedOver] }
  }
  const told = lossy.map(({ target, reason }) => `${target}: ${reason}`).join('; ')
  throw new GatewayError('lossy_refused', `x-weir-strict is set, and no target can hear all of this call (${told})`)
}
