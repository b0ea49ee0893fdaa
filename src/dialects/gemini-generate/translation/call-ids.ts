/**
 * Pairs calls of tools with their results, where ids are left out: most models give a call none, and a result then belongs to the
 * first call of its name that has none yet. Such calls get an id from their place.
 */
export class CallIds {
  /** By the name of the tool, ids of calls without a result. */
  readonly #waiting = new Map<string, string[]>()

  call(id: string | undefined, name: string, path: string): string {
    const found = id ?? `call_${(path.match(/\d+/g) ?? []).join('_')}`
    const waiting = this.#waiting.get(name) ?? []
    this.#waiting.set(name, [...waiting, found])
    return found
  }

  result(id: string | undefined, name: string, path: string): string {
    const waiting = this.#waiting.get(name) ?? []
    const found = id ?? waiting[0] ?? `call_of_${(path.match(/\d+/g) ?? []).join('_')}`
    this.#waiting.set(
      name,
      waiting.filter((one) => one !== found),
    )
    return found
  }
}
