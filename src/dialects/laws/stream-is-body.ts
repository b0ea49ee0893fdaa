import type { HeardFrame, ReplyEvent } from '../../canonical/event.ts'
import type { Json } from '../../canonical/json.ts'
import { Losses } from '../../canonical/loss.ts'
import type { ChatTranslation } from '../translation.ts'
import { framesIn, type Frame } from './exchanges.ts'
import { foldEvents, type Folded, type FoldedBlock } from './fold-events.ts'
import { attempt, type Bench, type Failure, type Law, type Trial } from './law.ts'
import type { Accumulated } from './material.ts'
import { endsWell, factsOf } from './meanings.ts'
import { answerSettings, objectsOf, valueOf } from './retell.ts'
import { differences, short } from './round-trip.ts'

/** An answer is the same answer, whether it came as a body or as a stream. */
export const streamIsBody: readonly Law[] = [
  { name: 'a body told as a stream', trials: bodiesAsStreams },
  { name: 'a stream told as a body', trials: streamsAsBodies },
  { name: 'a stream is what the SDK makes of it', trials: streamsAsAccumulated },
  { name: 'events keep their grammar', trials: grammar },
]

function* bodiesAsStreams({ subject, exchanges }: Bench): Generator<Trial> {
  const { translation } = subject
  for (const { id, body } of exchanges.answers)
    yield {
      id,
      failures: attempt('the body', function* () {
        const { events } = translation.readAnswer(body)
        const writer = translation.openFrames(new Losses(), answerSettings())
        const text = writer.write(anew(events)) + writer.end()
        yield* contentDifferences(foldEvents(events), foldEvents(eventsOf(translation, framesIn(Buffer.from(text)))))
      }),
    }
}

function* streamsAsBodies({ subject, exchanges }: Bench): Generator<Trial> {
  const { translation } = subject
  for (const { id, frames } of exchanges.streams) {
    if (!endsWell(subject, frames)) continue
    yield {
      id,
      failures: attempt('the stream', function* () {
        const events = eventsOf(translation, frames)
        const losses = new Losses()
        const body = translation.writeAnswer(anew(events), losses, answerSettings())
        const [told, heard] = [foldEvents(events), foldEvents(translation.readAnswer(body).events)]
        // A stream tells by time what came first; a body that cannot tell it says so, and holds the same blocks.
        const isOrderNamed = losses.list().some(({ kind }) => kind === 'approximated')
        yield* isOrderNamed ? contentDifferences(sorted(told), sorted(heard)) : contentDifferences(told, heard)
      }),
    }
  }
}

function* streamsAsAccumulated({ subject, exchanges, material }: Bench): Generator<Trial> {
  for (const { id, frames } of exchanges.streams) {
    if (!endsWell(subject, frames)) continue
    yield {
      id,
      failures: attempt('the stream', function* () {
        const folded = foldEvents(eventsOf(subject.translation, frames))
        const said = material.accumulate(objectsOf(frames))
        for (const [choice, one] of said.entries()) {
          const found = accumulated(folded.choices[choice]?.blocks ?? [])
          for (const part of ['text', 'thoughts', 'toolCalls'] as const)
            yield* different(part, JSON.stringify(one[part]), JSON.stringify(found[part]))
        }
        // By the reader of the pass-through path, whose truth is another test's business (`test/usage-truth.test.ts`).
        yield* different('usage', usageText(factsOf(subject, frames).usage), usageText(folded.usage?.usage))
      }),
    }
  }
}

function* grammar({ subject, exchanges }: Bench): Generator<Trial> {
  const { translation } = subject
  for (const { id, body } of exchanges.answers)
    yield { id: `${id} body`, failures: faultsOf(() => translation.readAnswer(body).events) }
  for (const { id, frames } of exchanges.streams)
    if (endsWell(subject, frames)) yield { id: `${id} stream`, failures: faultsOf(() => eventsOf(translation, frames)) }
}

function faultsOf(read: () => readonly ReplyEvent[]): readonly Failure[] {
  return attempt('reading', () => foldEvents(read()).faults.map((fault) => ({ what: fault, detail: '' })))
}

/** The same events, as if another dialect had told them. */
export function anew(events: readonly ReplyEvent[]): HeardFrame {
  return { events, wire: undefined }
}

export function eventsOf(translation: ChatTranslation, frames: readonly Frame[]): readonly ReplyEvent[] {
  const reader = translation.openEvents()
  const events = frames.flatMap(({ event, data }) => reader.read(event, Buffer.from(data)).events)
  return [...events, ...reader.end()]
}

/** What a client cares for: ids, every block with all it holds, why it ended, what was used. */
export function* contentDifferences(left: Folded, right: Folded): Generator<Failure> {
  yield* differences('content', contentOf(left), contentOf(right))
}

/** Blocks by their kinds, those of one kind in their order. */
function sorted(folded: Folded): Folded {
  const byKind = ({ opening: one }: FoldedBlock, { opening: other }: FoldedBlock) => one.kind.localeCompare(other.kind)
  return {
    ...folded,
    choices: folded.choices.map(({ blocks, close }) => ({ blocks: blocks.toSorted(byKind), close })),
  }
}

function contentOf({ open, choices, usage }: Folded): Json {
  const told = {
    id: open?.id,
    responseModel: open?.responseModel,
    createdAtSeconds: open?.createdAtSeconds,
    choices: choices.map(({ blocks, close }) => ({
      // The same value may be spelled otherwise where a body holds it as JSON.
      blocks: blocks.map((block) => ({ ...block, argumentsText: valueOf(argumentsOf(block)) })),
      close,
    })),
    usage: usage?.usage,
    providerCostNanos: usage?.providerCostNanos === undefined ? undefined : String(usage.providerCostNanos),
    serviceTier: usage?.serviceTier,
  }
  const value: Json = JSON.parse(JSON.stringify(told))
  return value
}

function accumulated(blocks: readonly FoldedBlock[]): Accumulated {
  const textOf = (...kinds: readonly string[]) =>
    blocks
      .filter(({ opening }) => kinds.includes(opening.kind))
      .map(({ text }) => text)
      .join('')
  return {
    text: textOf('text'),
    thoughts: textOf('thought'),
    toolCalls: blocks.flatMap((block) => {
      const { opening } = block
      return opening.kind === 'tool-use'
        ? [{ id: opening.id, name: opening.name, argumentsText: argumentsOf(block) }]
        : []
    }),
  }
}

/** Empty arguments are `{}`. */
function argumentsOf({ opening, argumentsText }: FoldedBlock): string {
  return opening.kind === 'tool-use' && argumentsText === '' ? '{}' : argumentsText
}

function usageText(usage: object | undefined): string {
  return usage === undefined ? 'none' : JSON.stringify(usage)
}

function* different(what: string, said: string, found: string): Generator<Failure> {
  if (said !== found) yield { what: `${what} differs`, detail: `${short(said)} was read as ${short(found)}` }
}
