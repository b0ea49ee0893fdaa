import type { Losses } from '../../../canonical/loss.ts'
import type { TargetWord } from '../../translation.ts'
import { isOwn } from './own.ts'

/** With what a call is written: where losses go, and which words beyond the published ones the target takes. */
export interface Pen {
  readonly losses: Losses
  readonly words: ReadonlySet<TargetWord>
}

/**
 * What an own node holds beyond its canonical words stays where it was, so only a foreign one can lose anything. Its kind is
 * told by where it is written.
 */
export function accountFor<T extends object>(node: T, carried: readonly (keyof T & string)[], { losses }: Pen): void {
  if (isOwn(node)) return
  if ('cache' in node && node.cache !== undefined && !carried.some((field) => field === 'cache'))
    losses.lost(node, 'cache', noCacheMarks)
  if ('kind' in node) losses.account(node, [...carried, 'kind'])
  else losses.account(node, carried)
}

const noCacheMarks =
  'without being told so, the gateway does not know that this target takes marks of a prompt cache here'
