import { ownNodes } from '../../shared/translation/own-nodes.ts'

export const dialectName = 'openai-chat'

export const { isOwn, keyFor, fieldsIn } = ownNodes(dialectName)
