/** By what one limit or budget keeps several accounts: one for each value. */
export type AccountKey =
  | { readonly kind: 'key' | 'user' | 'agent' | 'team' | 'project' | 'organisation' | 'endUser' | 'model' | 'run' }
  | { readonly kind: 'metadata'; readonly name: string }

const plainKinds = ['key', 'user', 'agent', 'team', 'project', 'organisation', 'endUser', 'model', 'run'] as const

/** Reads what the config spells: `user`, `metadata.customer`. */
export function readAccountKey(by: string): AccountKey {
  const kind = plainKinds.find((one) => one === by)
  return kind === undefined ? { kind: 'metadata', name: by.slice('metadata.'.length) } : { kind }
}

/** As the config spells it. */
export function describeAccountKey(by: AccountKey): string {
  return by.kind === 'metadata' ? `metadata.${by.name}` : by.kind
}

/** What a caller can do where its call has no such value: the end of a sentence. */
export function adviceOnMissing(by: AccountKey): string {
  switch (by.kind) {
    case 'metadata':
      return 'send it in the header x-weir-metadata'
    case 'run':
      return 'send the header x-weir-run-id'
    case 'endUser':
      return "name the end user in the call, in the dialect's own field"
    case 'model':
      return 'only calls that name a model are let through'
    default:
      return 'use a key that has one'
  }
}

/** The header that is at fault then, if it is one. */
export function headerOfMissing(by: AccountKey): string | undefined {
  if (by.kind === 'metadata') return 'x-weir-metadata'
  return by.kind === 'run' ? 'x-weir-run-id' : undefined
}
