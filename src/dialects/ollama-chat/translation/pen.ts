import type { Losses } from '../../../canonical/loss.ts'
import { isOwn } from './own.ts'

/** Accounts for a node of another dialect. Of our own nothing is lost: what is not written anew stays as it was. */
export function accountFor<T extends object>(node: T, carried: readonly (keyof T & string)[], losses: Losses): void {
  if (!isOwn(node)) losses.account(node, carried)
}
