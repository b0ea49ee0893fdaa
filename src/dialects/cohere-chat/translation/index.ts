import type { ChatTranslation } from '../../translation.ts'
import { readAnswer } from './read-answer.ts'
import { readChat } from './read-chat.ts'
import { openEvents } from './read-events.ts'
import { writeAnswer } from './write-answer.ts'
import { writeChat } from './write-chat.ts'
import { openFrames } from './write-frames.ts'

/** Cohere's chat to canonical words and back. Source of its shapes: cohere-ai 8.1.0, and what was recorded. */
export const translation: ChatTranslation = { readChat, writeChat, readAnswer, writeAnswer, openEvents, openFrames }
