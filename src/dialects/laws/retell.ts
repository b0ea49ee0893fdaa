import { isJsonObject, type Json } from '../../canonical/json.ts'
import { Losses } from '../../canonical/loss.ts'
import {
  targetWords,
  type AnswerSettings,
  type ChatTranslation,
  type TargetWord,
  type WriteSettings,
} from '../translation.ts'
import { framesIn, type Frame } from './exchanges.ts'

/** A cap that no recorded call asks for, so that leaving one out always shows. */
export const writeSettings: WriteSettings = { defaultOutputCapTokens: 4321 }

/** Words that narrow what a target takes, or put one of its own in the place of a published one. */
const narrowing: ReadonlySet<TargetWord> = new Set(['effort_high_or_none', 'document_url'])

/** A target that is known to take everything that any provider takes. */
export const widestSettings: WriteSettings = {
  ...writeSettings,
  words: new Set(targetWords.filter((word) => !narrowing.has(word))),
}

/**
 * The settings of a target without words of its own, and whether anybody has asked them for such words: where nobody has, a target that
 * has them is told the same.
 */
export function watchedSettings(): { readonly settings: WriteSettings; wereWordsAsked(): boolean } {
  let wereAsked = false
  const settings = new Proxy(writeSettings, {
    get: (target, key) => {
      wereAsked ||= key === 'words'
      return Reflect.get(target, key)
    },
    has: (target, key) => {
      wereAsked ||= key === 'words'
      return Reflect.has(target, key)
    },
    // A copy could be asked behind our back.
    ownKeys: (target) => {
      wereAsked = true
      return Reflect.ownKeys(target)
    },
  })
  return { settings, wereWordsAsked: () => wereAsked }
}

export function answerSettings(wantsStreamUsage = true): AnswerSettings {
  return { modelName: 'asked-model', requestId: 'req_law', nowSeconds: 1_765_000_000, wantsStreamUsage }
}

/** What a relay that translates does with the frames of one whole stream. */
export function retell(
  from: ChatTranslation,
  to: ChatTranslation,
  frames: readonly Frame[],
  settings: AnswerSettings,
  losses = new Losses(),
): string {
  const reader = from.openEvents()
  const writer = to.openFrames(losses, settings)
  let text = ''
  for (const { event, data } of frames) text += writer.write(reader.read(event, Buffer.from(data)))
  const due = reader.end()
  if (due.length > 0) text += writer.write({ events: due, wire: undefined })
  return text + writer.end()
}

/** Frames as values, so that spelling does not count. */
export function valuesOf(frames: readonly Frame[]): readonly Json[] {
  return frames.map(({ event, data }) => ({ event, data: valueOf(data) }))
}

export function valuesIn(text: string): readonly Json[] {
  return valuesOf(framesIn(Buffer.from(text)))
}

export function valueOf(data: string): Json {
  try {
    const value: Json = JSON.parse(data)
    return value
  } catch {
    // `[DONE]`: told as the text it is.
    return data
  }
}

/** The JSON objects among the frames' data. */
export function objectsOf(frames: readonly Frame[]): readonly Json[] {
  return frames.map(({ data }) => valueOf(data)).filter((value) => isJsonObject(value))
}
