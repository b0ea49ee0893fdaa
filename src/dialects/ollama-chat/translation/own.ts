import { ownNodes } from '../../shared/translation/own-nodes.ts'

export const dialectName = 'ollama-chat'

export const { isOwn, fieldsIn } = ownNodes(dialectName)
