import type { HeardFrame } from '../../../canonical/event.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import { ChunkEvents, readChoices, type ChoiceWords } from '../../vendors/openai/choices.ts'
import type { EventReader } from '../../translation.ts'
import { ChoiceReader } from './read-choice.ts'
import { dialectName } from './own.ts'

/** A body, as the events of a stream that arrived at once. */
export function readAnswer(body: JsonObject): HeardFrame {
  return readChoices(body, words)
}

export function openEvents(): EventReader {
  return new ChunkEvents(words)
}

const words: ChoiceWords = {
  dialect: dialectName,
  openChoice: (index, path, replyId) => new ChoiceReader(index, path, replyId),
}
