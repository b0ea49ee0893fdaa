import type { Clock, Timer } from '../canonical/clock.ts'
import type { HealthNote } from '../routing/health-state.ts'

/** What went well is told on this much later at most, many notes in one message. */
export const gatherMs = 100
/** More notes than this do not wait. */
export const mostGathered = 500

/**
 * Passes on what a process saw of its targets. Failures, rests and probes change what others do next and leave at once,
 * in their order with what was seen before them; that a target serves is worth a message ten times a second.
 */
export function gatherNotes(clock: Clock, send: (notes: readonly HealthNote[]) => void): (note: HealthNote) => void {
  let gathered: HealthNote[] = []
  let timer: Timer | undefined
  const flush = (): void => {
    timer?.cancel()
    timer = undefined
    const notes = gathered
    gathered = []
    send(notes)
  }
  return (note) => {
    gathered.push(note)
    if (note.kind !== 'answered' || gathered.length >= mostGathered) flush()
    else timer ??= clock.after(gatherMs, flush)
  }
}
