/** What the operating system answers, or `undefined` where it refuses. What is no refusal of its own is thrown again. */
export function unlessRefused<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (thrown) {
    if (isRefusal(thrown)) return undefined
    throw thrown
  }
}

/** Every error that the system answers with has a code. */
export function isRefusal(thrown: unknown): thrown is Error {
  return thrown instanceof Error && 'code' in thrown
}
