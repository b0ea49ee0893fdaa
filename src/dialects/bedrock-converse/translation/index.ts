import type { ChatTranslation } from '../../translation.ts'
import { readAnswer } from './read-answer.ts'
import { readChat } from './read-chat.ts'
import { openEvents } from './read-events.ts'
import { toolNames } from './tool-names.ts'
import { writeAnswer } from './write-answer.ts'
import { writeChat } from './write-chat.ts'
import { openFrames } from './write-frames.ts'

/** Converse to canonical words and back. Source of its shapes: Bedrock runtime service model, 2023-09-30. */
export const translation: ChatTranslation = {
  demandsUsage: true,
  readChat,
  writeChat,
  toolNames,
  readAnswer,
  writeAnswer,
  openEvents,
  openFrames,
}
