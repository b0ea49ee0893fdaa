/**
 * One event as text, with its blank line. Whatever the data holds, a reader gets one event with this data back, its
 * line ends written as LF (failures.md N5: a lone CR in a model's text must not end the line).
 * @param event one of our own constants, never text from outside. Letters, digits, `.`, `_` and `-` only.
 */
export function writeSse(event: string | undefined, data: string): string {
  if (event !== undefined && !eventName.test(event)) throw new TypeError('an event name of ours has a bad character')
  const name = event === undefined ? '' : `event: ${event}\n`
  // JSON text holds no raw line end, so that the split is rare.
  const lines = data.includes('\n') || data.includes('\r') ? data.split(lineEnd).join('\ndata: ') : data
  return `${name}data: ${lines}\n\n`
}

/** Whether a name that came from outside may stand as an event's name. */
export function isEventName(name: string): boolean {
  return eventName.test(name)
}

const eventName = /^[A-Za-z0-9._-]{1,64}$/
const lineEnd = /\r\n|\r|\n/
