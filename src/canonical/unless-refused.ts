/** What the operating system answers, or `undefined` where it refuses. What is no refusal of its own is thrown again. */
export function unlessRefused<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return undefined
    throw thrown
  }
}
