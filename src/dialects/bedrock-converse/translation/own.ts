import { originOf } from '../../../canonical/origin.ts'

export const dialectName = 'bedrock-converse'

/** Whether a node was read from this dialect, edited since or not: its wordings are ours. */
export function isOwn(node: object): boolean {
  return originOf(node)?.dialect === dialectName
}
