import type { Call } from '../../canonical/call.ts'
import type { FrameMeaning, StreamFacts } from '../dialect.ts'
import type { Frame } from './exchanges.ts'
import type { Speaker } from './law.ts'

/** What each frame of a stream means to a relay that passes it on. */
export function meaningsOf(
  speaker: Speaker,
  frames: readonly Frame[],
  wantsStreamUsage = true,
): readonly FrameMeaning[] {
  const reader = speaker.openStream({ ...anyCall, wantsStreamUsage })
  return frames.map(({ event, data }) => reader.read(event, Buffer.from(data)))
}

/** Only a stream that came to its own last frame is ended by a relay. */
export function endsWell(speaker: Speaker, frames: readonly Frame[]): boolean {
  const meanings = meaningsOf(speaker, frames)
  const last = meanings.at(-1)
  return (last === 'end' || last === 'may-end') && !meanings.includes('error')
}

export function factsOf(speaker: Speaker, frames: readonly Frame[]): StreamFacts {
  const reader = speaker.openStream(anyCall)
  for (const { event, data } of frames) reader.read(event, Buffer.from(data))
  return reader.facts()
}

/** A stream is asked for; what else, no reader of one minds. */
export const anyCall: Call = {
  operation: 'chat',
  modelName: 'm',
  isStream: true,
  outputCapTokens: undefined,
  choiceCount: 1,
  wantsStreamUsage: true,
  needs: new Set(),
  endUser: undefined,
}
