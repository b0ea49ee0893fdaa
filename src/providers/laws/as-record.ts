/** A flat list of names and values, by name. */
export function asRecord(headers: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    headers.flatMap((name, place) => (place % 2 === 0 ? [[name, headers[place + 1] ?? '']] : [])),
  )
}
