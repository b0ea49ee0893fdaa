import { ownNodes } from '../../shared/translation/own-nodes.ts'

export const dialectName = 'gemini-generate'

export const { isOwn } = ownNodes(dialectName)

/** By OpenRouter's published name for it: who can read the signatures of this dialect. */
export const signatureFormat = 'google-gemini-v1'
