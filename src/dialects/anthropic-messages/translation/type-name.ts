/** A word of the wire as text. A client may send anything there, an object with a `toString` of its own included. */
export function typeName(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)
}
