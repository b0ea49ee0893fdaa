import { ownNodes } from '../../shared/translation/own-nodes.ts'

export const dialectName = 'anthropic-messages'

export const { isOwn } = ownNodes(dialectName)
