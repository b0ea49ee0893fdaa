import type { ReplyEvent } from '../../canonical/event.ts'
import type { Json } from '../../canonical/json.ts'
import { Losses } from '../../canonical/loss.ts'
import { cacheReadTokensOf, inputTokensOf, outputTokensOf } from '../../canonical/usage.ts'
import { framesIn } from './exchanges.ts'
import { foldEvents, type FoldedBlock } from './fold-events.ts'
import { attempt, mayHear, type Bench, type Failure, type Law, type Trial } from './law.ts'
import { endsWell } from './meanings.ts'
import { answerSettings, retell, valueOf } from './retell.ts'
import { short } from './round-trip.ts'
import { eventsOf } from './stream-is-body.ts'

/** A client of another dialect reads what the provider said: text, tool calls, why it ended and what was used. */
export const saysTheSame: readonly Law[] = [
  { name: 'an answer in another dialect says the same', trials: answers },
  { name: 'a stream in another dialect says the same', trials: streams },
]

function* answers({ subject, others, exchanges }: Bench): Generator<Trial> {
  for (const other of others)
    for (const { id, body } of exchanges.answers) {
      const heard = subject.translation.readAnswer(body)
      if (!mayHear(other, heard.events)) continue
      yield {
        id,
        to: other.name,
        failures: attempt('translating', () => {
          const losses = new Losses()
          const told = other.translation.writeAnswer(heard, losses, answerSettings())
          return differences(heard.events, other.translation.readAnswer(told).events, losses)
        }),
      }
    }
}

function* streams({ subject, others, exchanges }: Bench): Generator<Trial> {
  for (const { id, frames } of exchanges.streams) {
    if (!endsWell(subject, frames)) continue
    const events = eventsOf(subject.translation, frames)
    for (const other of others) {
      if (!mayHear(other, events)) continue
      yield {
        id,
        to: other.name,
        failures: attempt('translating', function* () {
          const losses = new Losses()
          const text = retell(subject.translation, other.translation, frames, answerSettings(), losses)
          const told = framesIn(Buffer.from(text))
          if (!endsWell(other, told)) yield { what: 'the stream does not end well', detail: short(told.at(-1)?.data) }
          yield* differences(events, eventsOf(other.translation, told), losses)
        }),
      }
    }
  }
}

function* differences(said: readonly ReplyEvent[], heard: readonly ReplyEvent[], losses: Losses): Generator<Failure> {
  const [left, right] = [gistOf(said), gistOf(heard)]
  for (const part of ['text', 'toolCalls', 'reason', 'usage'] as const) {
    const [before, after] = [JSON.stringify(left[part]), JSON.stringify(right[part])]
    if (before !== after && !losses.list().some(({ path }) => placesOf[part].test(path)))
      yield { what: `${part} differs`, detail: `${short(before)} was read as ${short(after)}` }
  }
  // Not every dialect has a word for thoughts; one that has none says so.
  if (left.thoughts !== right.thoughts && losses.list().length === 0)
    yield { what: 'thoughts are lost silently', detail: short(left.thoughts) }
}

/** Where a loss must be named for a difference to be told. Nothing excuses another text. */
const placesOf = {
  text: /(?!)/,
  toolCalls: /arguments|input/,
  reason: /reason|^status$/i,
  usage: /usage/,
} as const

interface Gist {
  readonly text: string
  readonly thoughts: string
  readonly toolCalls: readonly Json[]
  readonly reason: string | undefined
  readonly usage: Json
}

/** Of the first choice: not every dialect has further ones. */
function gistOf(events: readonly ReplyEvent[]): Gist {
  const { choices, usage } = foldEvents(events)
  const blocks = choices[0]?.blocks ?? []
  const said = usage?.usage
  return {
    // Of sound, what was said in it.
    text: textOf(blocks, ['text', 'refusal', 'audio']),
    thoughts: textOf(blocks, ['thought']),
    toolCalls: blocks.flatMap(({ opening, argumentsText }) =>
      opening.kind === 'tool-use'
        ? [{ id: opening.id, name: opening.name, arguments: valueOf(argumentsText === '' ? '{}' : argumentsText) }]
        : [],
    ),
    reason: choices[0]?.close?.reason,
    usage: said
      ? { input: inputTokensOf(said), output: outputTokensOf(said), cacheRead: cacheReadTokensOf(said) }
      : null,
  }
}

function textOf(blocks: readonly FoldedBlock[], kinds: readonly string[]): string {
  return blocks
    .filter(({ opening }) => kinds.includes(opening.kind))
    .map(({ text }) => text)
    .join('')
}
