import type { GuardDecision, GuardPhase, KeptGuardrails, NoVerdict, TextPlace } from '../../canonical/guardrail.ts'
import type { Clock } from '../../canonical/clock.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { Json } from '../../canonical/json.ts'
import { roundedMs } from '../../canonical/rounded-ms.ts'
import { injectionKind } from './injection/detector.ts'
import { applyJsonEdits, JsonStrings } from './json-text.ts'
import { judgeInjections } from './judge-injections.ts'
import { applyEdits, editsOf, judgeText, type Edit, type Judged } from './judge-text.ts'
import { placeholderOf, type Masks } from './masks.ts'
import { PlainEscapes } from './plain-escapes.ts'
import type { GuardRule } from './rule.ts'
import type { Text } from './texts.ts'

/** A record tells no more of them. */
const mostKept = 32
/** No more are remembered: a session may last for hours. */
export const mostNoted = 1_000

/** What the rules of one exchange have said so far. */
export class GuardNotes {
  readonly #decisions: GuardDecision[] = []
  #forgotten = 0
  /** Bytes of text that were looked at (UTF-16 units), by phase. */
  readonly scanned: Record<GuardPhase, number> = { input: 0, output: 0 }
  readonly #tookMs: Partial<Record<GuardPhase, number>> = {}
  readonly #clock: Pick<Clock, 'monotonicMs'> | undefined

  /** @param clock to keep time by. Absent: nobody does. */
  constructor(clock?: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** How long `timed` work took in all. */
  get tookMs(): Readonly<Partial<Record<GuardPhase, number>>> {
    return this.#tookMs
  }

  timed<T>(phase: GuardPhase, work: () => T): T {
    if (!this.#clock) return work()
    const from = this.#clock.monotonicMs()
    try {
      return work()
    } finally {
      this.#tookMs[phase] = (this.#tookMs[phase] ?? 0) + this.#clock.monotonicMs() - from
    }
  }

  get decisions(): readonly GuardDecision[] {
    return this.#decisions
  }

  /** How many are not remembered. */
  get forgotten(): number {
    return this.#forgotten
  }

  /**
   * Notes what was seen in one text.
   * @param isWhole the text is all of it, so that places in it are places in the body.
   * @throws GatewayError `guardrail_blocked` where a rule blocks it, naming the rule and what it saw, never the text.
   */
  add(seen: readonly Judged[], phase: GuardPhase, place: TextPlace, path: string, isWhole = false): void {
    let blocking: Judged | undefined
    const known = new Map<string, number>()
    for (const judged of seen) {
      const { rule, kind, start, score } = judged
      if (rule.action === 'block' && !rule.isShadow) blocking ??= judged
      const { name, action, isShadow, owner } = rule
      const id = `${name} ${owner?.level} ${kind}`
      const at = known.get(id)
      const before = at === undefined ? undefined : this.#decisions[at]
      if (at !== undefined && before) {
        this.#decisions[at] = { ...before, count: before.count + 1, ...highest(before.score, score) }
        continue
      }
      known.set(id, this.#decisions.length)
      this.#note({
        rule: name,
        ...(owner && { level: owner.level }),
        phase,
        place,
        path,
        kind,
        action,
        isShadow,
        count: 1,
        ...(isWhole && { start }),
        ...highest(undefined, score),
      })
    }
    if (blocking) throw blocked(blocking, phase, place, path)
  }

  /**
   * Notes that the guard of a rule, elsewhere, gave no verdict.
   * @param action what follows.
   */
  addNone(
    { name, owner, isShadow }: GuardRule,
    why: NoVerdict,
    action: 'block' | 'flag',
    phase: GuardPhase,
    text: Text,
  ): void {
    const { place, path } = text
    const level = owner && { level: owner.level }
    this.#note({
      rule: name,
      ...level,
      phase,
      place,
      path,
      kind: 'unavailable',
      action,
      isShadow,
      count: 1,
      why,
    })
  }

  #note(decision: GuardDecision): void {
    if (this.#decisions.length < mostNoted) this.#decisions.push(decision)
    else this.#forgotten += 1
  }
}

function highest(one: number | undefined, other: number | undefined): { readonly score?: number } {
  return one === undefined && other === undefined
    ? {}
    : { score: Math.round(Math.max(one ?? 0, other ?? 0) * 1000) / 1000 }
}

/** What a record keeps of it. */
export function keptGuardrails({ decisions, forgotten, scanned, tookMs }: GuardNotes): KeptGuardrails {
  const more = decisions.length - mostKept + forgotten
  return {
    decisions: decisions.slice(0, mostKept),
    ...(more > 0 && { more }),
    scanned: { ...scanned },
    ...(Object.keys(tookMs).length > 0 && {
      tookMs: Object.fromEntries(Object.entries(tookMs).map(([phase, ms]) => [phase, roundedMs(ms)])),
    }),
  }
}

function blocked({ rule, kind, says }: Judged, phase: GuardPhase, place: TextPlace, path: string): GatewayError {
  const whose = phase === 'input' ? 'the call' : 'the answer'
  return new GatewayError(
    'guardrail_blocked',
    `the guardrail ${nameOf(rule)} blocked ${whose}: ${says ?? `${place} text holds what looks like ${kind}`}`,
    {
      isLasting: true,
      param: phase === 'input' && path !== '' ? path : undefined,
      facts: { rule: rule.name, ...(rule.owner && { level: rule.owner.level }), kind, phase, place },
    },
  )
}

/** For people: `no-secrets`, `no-secrets of team acme/search`. */
export function nameOf({ name, owner }: GuardRule): string {
  return owner === undefined ? name : `${name} of ${owner.level}`
}

/**
 * A whole text as the rules leave it; `undefined` where they change nothing.
 * @throws GatewayError `guardrail_blocked`.
 */
export function guardText(
  rules: readonly GuardRule[],
  text: Text,
  phase: GuardPhase,
  notes: GuardNotes,
  masks: Masks,
): string | undefined {
  const applying = rules.filter(({ phases, places }) => phases.has(phase) && places.has(text.place))
  if (applying.length === 0) return undefined
  if (text.isUnread) refuseUnread(applying, text)
  notes.scanned[phase] += text.text.length
  const plain = text.isJsonText ? withoutEscapes(text.text) : text.text
  const seen = [...judgeText(applying, plain), ...(text.isJsonText ? judgedApart(applying, text.text) : [])]
  if (seen.length === 0) return undefined
  notes.add(seen, phase, text.place, text.path, true)
  const edits = editsOf(seen)
  if (edits.length === 0) return undefined
  const write = writerOf(masks)
  return text.isJsonText ? applyJsonEdits(plain, edits, write, new JsonStrings()) : applyEdits(plain, edits, write)
}

/** @throws GatewayError `guardrail_blocked`, naming the first of these rules that does more than tell. */
function refuseUnread(rules: readonly GuardRule[], { path }: Text): void {
  const blind = rules.find(({ action, isShadow }) => action !== 'flag' && action !== 'monitor' && !isShadow)
  if (blind)
    throw new GatewayError(
      'guardrail_blocked',
      `the guardrail ${nameOf(blind)} looks at texts, and cannot read ${path}, which is said to be one: send it as base64 without other signs in it`,
      { isLasting: true, param: path },
    )
}

/**
 * An attack is hidden in one text of many, and what is around it in JSON text would cover it: each is judged by itself too. It is seen in
 * the whole.
 */
function judgedApart(rules: readonly GuardRule[], json: string): readonly Judged[] {
  const looking = rules.filter(({ detectors }) => detectors.some(({ kind }) => kind === injectionKind))
  if (looking.length === 0) return []
  return judgeInjections(looking, stringsIn(json)).map((judged) => ({ ...judged, start: 0, end: json.length }))
}

/** Of JSON however deep. What is no JSON after all was judged as the text that it is, and has none. */
function stringsIn(json: string): readonly string[] {
  const strings: string[] = []
  const left: Json[] = [jsonIn(json)]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next === 'string') strings.push(next)
    else if (typeof next === 'object' && next !== null) for (const held of Object.values(next)) left.push(held)
  }
  return strings
}

function jsonIn(text: string): Json {
  try {
    const read: Json = JSON.parse(text)
    return read
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}

/** What takes the place of what was found. */
export function writerOf(masks: Masks): (edit: Edit, found: string) => string {
  return ({ kind, action, written }, found) =>
    action === 'mask' ? masks.placeholderFor(kind, found) : (written ?? placeholderOf(kind))
}

/** JSON text in which nothing hides behind an escape that needs none. */
export function withoutEscapes(json: string): string {
  const escapes = new PlainEscapes()
  return escapes.push(json) + escapes.end()
}
