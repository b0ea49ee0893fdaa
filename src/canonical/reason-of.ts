/** What went wrong, in one text, of anything that can be thrown: an error's message without its stack. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
