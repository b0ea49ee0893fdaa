import type { Json } from '../canonical/json.ts'
import { scanJson } from '../wire/json-scan.ts'
import { spliceJson } from '../wire/json-splice.ts'
import { withoutMembers } from '../wire/json-without.ts'

/**
 * How a provider wraps a dialect that it did not make: Anthropic's messages on a cloud have the model in the path, and the version
 * in the body. The letter inside stays as it is.
 */
export interface Envelope {
  /** @param endpoint what the provider gives as the dialect's path. */
  pathFor(endpoint: string, modelName: string, isStream: boolean, method?: string): string
  /** Top-level members of the body that have no place in it there. */
  readonly without: readonly string[]
  /**
   * Members that it has besides.
   * @param clientHeader reads one header of the client's, by its lower-case name.
   */
  members(clientHeader: (name: string) => string | undefined): readonly { readonly key: string; readonly value: Json }[]
}

/** The body as it leaves: members out, members in, every other byte as it was. */
export function enclose(body: Buffer, envelope: Envelope, clientHeader: (name: string) => string | undefined): Buffer {
  const added = envelope.members(clientHeader)
  if (envelope.without.length === 0 && added.length === 0) return body
  const left = withoutMembers(body, scanJson(body), envelope.without)
  return spliceJson(left, scanJson(left), added)
}
