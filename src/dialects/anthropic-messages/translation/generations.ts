import type { ChatCall } from '../../../canonical/chat.ts'
import { claudeGeneration, everyGeneration, type Generation } from '../../vendors/anthropic/claude-generations.ts'
import { isOwn } from './own.ts'

/** A call of our own is worded as its caller worded it, for whatever model. */
export function generationOf(call: ChatCall): Generation {
  return isOwn(call) ? everyGeneration : claudeGeneration(call.modelName)
}
