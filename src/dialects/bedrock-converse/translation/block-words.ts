import type { BlockWords } from '../../shared/translation/block-queue.ts'
import type { Json, JsonObject } from '../../../canonical/json.ts'
import { isJsonObject } from '../../../canonical/json.ts'
import { isJsonArray } from '../../shared/call-fields.ts'
import { writeSse } from '../../../wire/sse-write.ts'
import { approximationOf, deltaWords, openingWords, unsignedMark } from './answer-words.ts'

/** @param requestId for the ids of calls that have none. */
export function blockWords(requestId: string): BlockWords {
  return {
    opening: (start) => streamable(openingWords(start, requestId)),
    delta: deltaWords,
    approximation: approximationOf,
    unsigned: (start) => {
      const signature = unsignedMark(start)
      return signature === undefined ? undefined : { reasoningContent: { signature } }
    },
    // A call opens with its name only, and its readers parse what comes after it.
    noArguments: { toolUse: { input: '{}' } },
    isEmpty,
    openFrame,
    deltaFrame,
    stopFrame: (contentBlockIndex) => eventText('contentBlockStop', { contentBlockIndex }),
  }
}

/** One event of a stream. */
export function eventText(event: string, members: JsonObject): string {
  return writeSse(event, JSON.stringify(members))
}

const streamed: ReadonlySet<string> = new Set(['text', 'toolUse', 'toolResult', 'reasoningContent', 'image'])

function streamable(opening: JsonObject | string): JsonObject | string {
  if (typeof opening === 'string' || Object.keys(opening).some((key) => streamed.has(key))) return opening
  return 'a stream has no word for it'
}

function isEmpty({ text, toolUse, reasoningContent }: JsonObject): boolean {
  const thought = isJsonObject(reasoningContent) ? reasoningContent['text'] : undefined
  return text === '' || thought === '' || (isJsonObject(toolUse) && toolUse['input'] === '')
}

/**
 * What a block opens with: its event, where it has one, and what it holds already. A text or a thought opens with its first delta, and
 * a call with its name only.
 */
function openFrame(contentBlockIndex: number, opening: JsonObject): string {
  const { toolUse, toolResult, image, reasoningContent } = opening
  const open = (start: JsonObject) => eventText('contentBlockStart', { start, contentBlockIndex })
  const more = (delta: JsonObject) => deltaFrame(contentBlockIndex, delta)
  if (isJsonObject(toolUse)) {
    const { input, ...start } = toolUse
    const hasInput = isJsonObject(input) && Object.keys(input).length > 0
    return open({ toolUse: start }) + (hasInput ? more({ toolUse: { input: JSON.stringify(input) } }) : '')
  }
  if (isJsonObject(toolResult)) {
    const { content, ...start } = toolResult
    return open({ toolResult: start }) + (isFilled(content) ? more({ toolResult: content }) : '')
  }
  if (isJsonObject(image)) {
    const { format = '', source = null } = image
    return open({ image: { format } }) + more({ image: { source } })
  }
  const redactedContent = isJsonObject(reasoningContent) ? reasoningContent['redactedContent'] : undefined
  return redactedContent === undefined ? '' : more({ reasoningContent: { redactedContent } })
}

function isFilled(content: Json | undefined): content is readonly Json[] {
  return isJsonArray(content) && content.length > 0
}

function deltaFrame(contentBlockIndex: number, delta: JsonObject): string {
  return eventText('contentBlockDelta', { delta, contentBlockIndex })
}
