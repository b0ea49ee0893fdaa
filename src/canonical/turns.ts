/** Work that is done one after the other, in the order in which it came. */
export interface Turns {
  /** Runs work once everything that came before is over, however that ended. */
  take<T>(work: () => Promise<T>): Promise<T>
}

export function openTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return {
    take: (work) => {
      const turn = last.then(work)
      // Whether it succeeded is told to whoever asked for it; the next one only waits for its end.
      last = turn.then(ended, ended)
      return turn
    },
  }
}

function ended(): void {}
