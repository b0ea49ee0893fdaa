import { isJsonObject, type Json } from '../../canonical/json.ts'

/** The name of the container that an answer used: it is kept for a while, and for everyone who shares the account. */
export function storedIdsIn(holder: Json | undefined): readonly string[] {
  const container = isJsonObject(holder) ? holder['container'] : undefined
  const id = isJsonObject(container) ? container['id'] : undefined
  return typeof id === 'string' && id !== '' ? [id] : nothing
}

const nothing: readonly string[] = []
