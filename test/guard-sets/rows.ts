/** A row as `weir guard evaluate` reads it. */
export interface MarkedRow {
  readonly set: 'pii' | 'secrets'
  readonly label: 0 | 1
  readonly kind: string
  readonly text: string
  readonly spans?: readonly { readonly type: string; readonly start: number; readonly end: number }[]
}
