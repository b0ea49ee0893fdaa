import type { ChatTranslation } from '../../translation.ts'
import { readAnswer } from './read-answer.ts'
import { readChat } from './read-chat.ts'
import { openEvents } from './read-events.ts'
import { toolNames } from './tool-names.ts'
import { writeAnswer } from './write-answer.ts'
import { writeChat } from './write-chat.ts'
import { openFrames } from './write-frames.ts'

/** OpenAI Responses to canonical words and back. Source of its shapes: OpenAI API description 2.3.0, 2026-08. */
export const translation: ChatTranslation = {
  readChat,
  writeChat,
  toolNames,
  readAnswer,
  writeAnswer,
  openEvents,
  openFrames,
}
