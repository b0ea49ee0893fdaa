import type { ChatTranslation } from '../../translation.ts'
import { openEvents, readAnswer } from './read-answer.ts'
import { readChat } from './read-chat.ts'
import { toolNames } from './tool-names.ts'
import { writeAnswer } from './write-answer.ts'
import { writeChat } from './write-chat.ts'
import { openFrames } from './write-frames.ts'

/** OpenAI Chat Completions, and the many copies of it, to canonical words and back. */
export const translation: ChatTranslation = {
  joinsTexts: true,
  readChat,
  writeChat,
  toolNames,
  readAnswer,
  writeAnswer,
  openEvents,
  openFrames,
}
