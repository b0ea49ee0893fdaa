import { ownNodes } from '../../shared/translation/own-nodes.ts'

export const dialectName = 'openai-completions'

export const { isOwn, fieldsIn } = ownNodes(dialectName)
