import { ownNodes } from '../../shared/translation/own-nodes.ts'

export const dialectName = 'openai-responses'

export const { isOwn, keyFor, fieldsIn } = ownNodes(dialectName)

/** The name under which OpenRouter publishes that a thought is signed by a model of this dialect. */
export const signatureFormat = 'openai-responses-v1'
