import { ownNodes } from '../../shared/translation/own-nodes.ts'

export const dialectName = 'bedrock-converse'

export const { isOwn, fieldsIn } = ownNodes(dialectName)
