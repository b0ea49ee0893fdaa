import type { ChatTranslation } from '../../translation.ts'
import { openEvents, readAnswer } from './read-answer.ts'
import { readChat } from './read-chat.ts'
import { writeAnswer } from './write-answer.ts'
import { writeChat } from './write-chat.ts'
import { openFrames } from './write-frames.ts'

/** Ollama's chat to canonical words and back. */
export const translation: ChatTranslation = {
  joinsTexts: true,
  readChat,
  writeChat,
  readAnswer,
  writeAnswer,
  openEvents,
  openFrames,
}
