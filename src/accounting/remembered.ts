/** Names come from clients and providers; a long one is looked up each time, so that a few thousand cannot fill the memory. */
const keyLengthLimit = 256

/**
 * Remembers what a lookup gave, so that it is made once for each key.
 * @param limit how many keys are remembered; past it all are forgotten at once, which costs no bookkeeping per call.
 */
export function remembered<Value>(limit: number, lookUp: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, { readonly value: Value }>()
  return (key) => {
    if (key.length > keyLengthLimit) return lookUp(key)
    const found = known.get(key)
    if (found) return found.value
    const value = lookUp(key)
    if (known.size >= limit) known.clear()
    known.set(key, { value })
    return value
  }
}
