import type { ChatTranslation } from '../../translation.ts'
import { readAnswer } from './read-answer.ts'
import { readChat } from './read-chat.ts'
import { openEvents } from './read-events.ts'
import { writeAnswer } from './write-answer.ts'
import { writeChat } from './write-chat.ts'
import { openFrames } from './write-frames.ts'

/** Anthropic Messages to canonical words and back. Source of its shapes: @anthropic-ai/sdk 1.12.0, resources/messages. */
export const translation: ChatTranslation = {
  demandsUsage: true,
  readChat,
  writeChat,
  readAnswer,
  writeAnswer,
  openEvents,
  openFrames,
}
