import type { ChatTranslation } from '../../translation.ts'
import { openEvents, readAnswer } from './read-answer.ts'
import { readChat } from './read-chat.ts'
import { writeAnswer } from './write-answer.ts'
import { writeChat } from './write-chat.ts'
import { openFrames } from './write-frames.ts'

/**
 * OpenAI Completions to canonical words and back. Their clients are answered by models of chat; a conversation is never put to
 * a model of completions, since it would take turns and roles for a text to go on with, each model in a template of its own.
 */
export const translation: ChatTranslation = {
  isTextOnly: true,
  joinsTexts: true,
  readChat,
  writeChat,
  readAnswer,
  writeAnswer,
  openEvents,
  openFrames,
}
