/** Calls back when the signal is aborted, and at once where it is already: an event that is over is told to nobody. */
export function whenAborted(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then()
  else signal.addEventListener('abort', then, { once: true })
}
