import { originOf } from '../../../canonical/origin.ts'

export const dialectName = 'gemini-generate'

/** Whether a node was read from this dialect, edited since or not: its wordings are ours. */
export function isOwn(node: object): boolean {
  return originOf(node)?.dialect === dialectName
}

/** By OpenRouter's published name for it: who can read the signatures of this dialect. */
export const signatureFormat = 'google-gemini-v1'
