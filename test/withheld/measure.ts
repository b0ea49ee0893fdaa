import { textPlaces } from '../../src/canonical/guardrail.ts'
import { Losses } from '../../src/canonical/loss.ts'
import type { ReplyEvent } from '../../src/canonical/event.ts'
import { exchangesOf } from '../../src/dialects/laws/exchanges.ts'
import { StreamGuard } from '../../src/gateway/guards/guard-answer.ts'
import { detectorsFor } from '../../src/policies/guardrails/catalog.ts'
import { termsDetector } from '../../src/policies/guardrails/detect/terms.ts'
import { GuardNotes } from '../../src/policies/guardrails/guard-text.ts'
import { Masks } from '../../src/policies/guardrails/masks.ts'
import type { GuardRule } from '../../src/policies/guardrails/rule.ts'
import { ownPrompts } from '../../bench/guard-texts.ts'
import { members } from '../laws/run-everything.ts'

/** How many UTF-16 units of a block are held back after one of its deltas: of every delta of every stream. */
export interface Withheld {
  readonly streams: number
  readonly deltas: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly most: number
  /** Of the rules by themselves: whose fault it is. */
  readonly byKind: readonly {
    readonly kind: string
    readonly p50: number
    readonly p99: number
    readonly most: number
  }[]
}

/** Everything local that may look at a stream. A whole text is an injection or not, so that no stream can be asked. */
export const streamRules: readonly GuardRule[] = [
  ruleOf('built in', detectorsFor(['pii', 'secrets'], [])),
  ruleOf('terms', [termsDetector(['Project Titan', 'unannounced', 'the merger of the two'])]),
]

function ruleOf(name: string, detectors: GuardRule['detectors']): GuardRule {
  return {
    name,
    detectors,
    phases: new Set(['output']),
    places: new Set(textPlaces),
    // What is found stays as it is, so that what goes in and what comes out have one length.
    action: 'flag',
    tag: undefined,
    condition: undefined,
    isShadow: false,
  }
}

/** One stream, in canonical words. */
export type MeasuredStream = readonly ReplyEvent[]

/** The streams of all dialects, our own and recorded ones, and pages of ours as models would write them. */
export function streamsToMeasure(isRecorded: boolean): readonly MeasuredStream[] {
  const spoken = members().flatMap(({ subject, material }) =>
    exchangesOf(subject, material, isRecorded).streams.map(({ frames }) => {
      const reader = subject.translation.openEvents()
      const events = frames.flatMap(({ event, data }) => reader.read(event, Buffer.from(data)).events)
      return [...events, ...reader.end()]
    }),
  )
  return [...spoken, ...ownPrompts().flatMap(({ text }) => [writtenAs('text', text), writtenAs('arguments', text)])]
}

/** A token is about so long. */
const tokenLength = 4

function writtenAs(kind: 'text' | 'arguments', text: string): MeasuredStream {
  const said = kind === 'text' ? text : JSON.stringify({ text })
  const pieces = said.match(new RegExp(`.{1,${tokenLength}}`, 'gs')) ?? []
  return pieces.map((piece) => ({ kind: 'block-delta', choice: 0, block: 0, delta: { kind, text: piece } }))
}

/** @param isByKind also each detector alone, which takes as many times as long. */
export function measureWithheld(streams: readonly MeasuredStream[], isByKind: boolean): Withheld {
  const all = heldIn(streams, streamRules)
  const detectors = isByKind ? streamRules.flatMap((rule) => rule.detectors) : []
  return {
    streams: streams.length,
    deltas: all.length,
    p50: share(all, 0.5),
    p95: share(all, 0.95),
    p99: share(all, 0.99),
    most: share(all, 1),
    byKind: detectors.map((detector) => {
      const held = heldIn(streams, [ruleOf(detector.kind, [detector])])
      return { kind: detector.kind, p50: share(held, 0.5), p99: share(held, 0.99), most: share(held, 1) }
    }),
  }
}

/** After each delta, in order of size. */
function heldIn(streams: readonly MeasuredStream[], rules: readonly GuardRule[]): readonly number[] {
  return streams
    .flatMap((events) => {
      const guard = new StreamGuard({ rules, masks: new Masks(), notes: new GuardNotes() }, new Losses())
      return events.flatMap((event) => {
        guard.frame({ events: [event], wire: undefined })
        const isText = event.kind === 'block-delta' && (event.delta.kind === 'text' || event.delta.kind === 'arguments')
        return isText ? [guard.held(event.choice, event.block)] : []
      })
    })
    .toSorted((one, other) => one - other)
}

function share(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}
