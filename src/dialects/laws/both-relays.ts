import type { ChatCall } from '../../canonical/chat.ts'
import type { Json, JsonObject } from '../../canonical/json.ts'
import { Losses } from '../../canonical/loss.ts'
import { edit } from '../../canonical/origin.ts'
import { scanJson } from '../../wire/json-scan.ts'
import { spliceJson } from '../../wire/json-splice.ts'
import { attempt, type Bench, type Law, type Speaker, type Trial } from './law.ts'
import { endsWell, meaningsOf } from './meanings.ts'
import { answerSettings, retell, valuesIn, valuesOf, writeSettings } from './retell.ts'
import { differences } from './round-trip.ts'

/** Reading to canonical words and writing in the same dialect gives what passing the bytes on gives. */
export const bothRelays: readonly Law[] = [
  { name: 'both relays agree on a call', trials: ofCalls },
  { name: 'both relays agree on a stream', trials: ofStreams },
]

const targetModelName = 'the-target-model'

function* ofCalls({ subject, exchanges }: Bench): Generator<Trial> {
  const { readChat, writeChat } = subject.translation
  for (const { id, body } of exchanges.calls)
    yield {
      id,
      failures: attempt('the call', function* () {
        const call = readChat(body)
        const change: Partial<ChatCall> = {
          modelName: targetModelName,
          ...(asksForUsage(body) && { wantsStreamUsage: true }),
        }
        const told = writeChat(edit(call, change), new Losses(), writeSettings)
        yield* differences('call', passedOn(subject, body, targetModelName), told)
      }),
    }

  function asksForUsage(body: JsonObject): boolean {
    const { isStream, wantsStreamUsage } = subject.readCall(body)
    return isStream && !wantsStreamUsage
  }
}

/** The body that a relay sends to another model without translating it. */
export function passedOn(speaker: Speaker, body: JsonObject, modelName: string): Json {
  const edits = speaker.upstreamEdits(body, speaker.readCall(body), modelName)
  const bytes = Buffer.from(JSON.stringify(body))
  const passed: Json = JSON.parse(spliceJson(bytes, scanJson(bytes), edits).toString())
  return passed
}

function* ofStreams({ subject, exchanges }: Bench): Generator<Trial> {
  const { translation } = subject
  for (const { id, frames } of exchanges.streams) {
    if (!endsWell(subject, frames)) continue
    const failures = [true, false].flatMap((wantsStreamUsage) =>
      attempt('the stream', function* () {
        const meanings = meaningsOf(subject, frames, wantsStreamUsage)
        const passed = valuesOf(frames.filter((_, index) => meanings[index] !== 'usage'))
        const told = valuesIn(retell(translation, translation, frames, answerSettings(wantsStreamUsage)))
        yield* differences(wantsStreamUsage ? 'with usage' : 'without usage', passed, told)
      }),
    )
    yield { id, failures }
  }
}
