import type { HeardFrame, OpenEvent, ReplyEvent } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { hear } from '../../../canonical/origin.ts'
import { isJsonArray } from '../../call-fields.ts'
import { ChoiceReader } from './read-choice.ts'
import { readUsageEvent } from '../../openai-usage-event.ts'
import { unknownKeys } from '../../unknown-keys.ts'
import { chatDialect } from './wire-fields.ts'

/** A body, as the events of a stream that arrived at once. */
export function readAnswer(body: JsonObject): HeardFrame {
  const { choices } = body
  const events: ReplyEvent[] = [readOpen(body)]
  for (const [position, choice] of (isJsonArray(choices) ? choices : []).entries()) {
    if (!isJsonObject(choice)) continue
    const reader = new ChoiceReader(indexOf(choice, position), `choices[${position}]`, idOf(body))
    events.push(...reader.readWhole(choice))
  }
  const usage = readUsageEvent(body, chatDialect)
  if (usage) events.push(usage)
  return heardFrame(events, body)
}

/** A frame that goes back as it came. */
export function heardFrame(events: readonly ReplyEvent[], wire: JsonObject): HeardFrame {
  return hear<HeardFrame>({ events, wire }, { dialect: chatDialect, wire, path: '', heard: nothing, unheard: [] })
}

const nothing = Object.freeze({})

export function readOpen(said: JsonObject): OpenEvent {
  const { id, model: modelName, created } = said
  return hear<OpenEvent>(
    {
      kind: 'open',
      id: isFilled(id) ? id : undefined,
      responseModel: isFilled(modelName) ? modelName : undefined,
      createdAtSeconds: typeof created === 'number' ? created : undefined,
    },
    {
      dialect: chatDialect,
      wire: said,
      path: '',
      heard: { id: 'id', responseModel: 'model', createdAtSeconds: 'created' },
      unheard: unknownKeys(said, knownOfAnswer),
    },
  )
}

export function indexOf(choice: JsonObject, position: number): number {
  const { index } = choice
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : position
}

export function idOf(said: JsonObject): string {
  return isFilled(said['id']) ? said['id'] : 'call'
}

/** `obfuscation` and `p` are padding against those who measure the length of frames (OpenAI, Mistral). */
const knownOfAnswer: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'service_tier',
  'obfuscation',
  'p',
])

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
