import { ownNodes } from '../../shared/translation/own-nodes.ts'

export const dialectName = 'cohere-chat'

export const { isOwn, ownPathOf, fieldsIn } = ownNodes(dialectName)
