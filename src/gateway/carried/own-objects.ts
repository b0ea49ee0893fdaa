import { GatewayError } from '../../canonical/error.ts'
import type { StateHolder, StateHolders, StateKind } from '../../stores/ports/state-holders.ts'

/** Something that a call names and a provider keeps. */
export interface NamedObject {
  readonly id: string
  readonly kind: StateKind
  /** The field that names it; `undefined`: the path does. */
  readonly param: string | undefined
}

/**
 * Finds who holds everything that a call names.
 * @returns `undefined` where it names nothing.
 * @throws GatewayError `object_not_found` for what is another organisation's, in the words of what nobody knows;
 *   `state_not_available` when several accounts hold it.
 */
export async function holderOfAll(
  named: readonly NamedObject[],
  organisation: string,
  stateHolders: Pick<StateHolders, 'holdersOf'>,
): Promise<StateHolder | undefined> {
  if (named.length === 0) return undefined
  const found = await stateHolders.holdersOf(named.map(({ id }) => id))
  let holder: StateHolder | undefined
  for (const [place, object] of named.entries()) {
    const held = found[place]
    if (!held || held.organisation !== organisation || !isA(held.kind, object.kind)) throw notFound(object)
    if (holder && (holder.provider !== held.provider || holder.credentialId !== held.credentialId))
      throw new GatewayError(
        'state_not_available',
        `${object.param ?? 'the path'} names what is held by another provider, or another account there, than the rest of the call`,
        { param: object.param },
      )
    holder = held
  }
  return holder
}

/** Containers and conversations come about with answers too, and are kept as parts of them. */
function isA(held: StateKind, named: StateKind): boolean {
  return held === named || (held === 'answer' && (named === 'container' || named === 'conversation'))
}

/** Whether it is another's, or nobody's, or its provider has forgotten it, is not told. */
export function notFound({ kind, id, param }: NamedObject): GatewayError {
  return new GatewayError('object_not_found', `there is no ${kindWords[kind]} ${JSON.stringify(id)}`, { param })
}

const kindWords: Readonly<Record<StateKind, string>> = {
  answer: 'response',
  item: 'item',
  file: 'file',
  batch: 'batch',
  cache: 'cached content',
  upload: 'upload',
  store: 'vector store',
  container: 'container',
  conversation: 'conversation',
}
