import type { Json } from '../../canonical/json.ts'

/** Finds the text in the frames of one stream. Most often the next frame's text is where the last one's was. */
export class TextFinder {
  readonly #keys: readonly string[]
  #lastKey: string

  /** @param keys each with the opening quote of its string, such as `"text":"`, the most common one first. */
  constructor(keys: readonly [string, ...string[]]) {
    this.#keys = keys
    this.#lastKey = keys[0]
  }

  /** @returns bytes of the strings that follow the first key that has any text; 0 when none has. */
  bytesIn(frame: string): number {
    const bytes = stringBytesAfter(frame, this.#lastKey)
    if (bytes > 0) return bytes
    for (const key of this.#keys) {
      const found = key === this.#lastKey ? 0 : stringBytesAfter(frame, key)
      if (found === 0) continue
      this.#lastKey = key
      return found
    }
    return 0
  }
}

/**
 * Counts the bytes of the strings that follow a key in a frame, without parsing it: every `<key>...` up to the closing
 * quote, as they stand on the wire (an escape counts with all its bytes).
 * @param frame the frame as latin1, so that a character is a byte.
 * @param key ends with the opening quote, such as `"text":"`.
 */
export function stringBytesAfter(frame: string, key: string): number {
  let total = 0
  let start = frame.indexOf(key)
  while (start !== -1) {
    start += key.length
    const end = closingQuote(frame, start)
    total += end - start
    start = frame.indexOf(key, end)
  }
  return total
}

/** Bytes of a value's text in UTF-8; 0 for what is no string. */
export function textBytesOf(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : 0
}

/** Bytes of a value as compact JSON, escapes aside. Without recursion: what a model generated may be nested at will. */
export function jsonBytesOf(value: Json): number {
  const waiting: Json[] = [value]
  let total = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string') total += Buffer.byteLength(next) + 2
    else if (typeof next !== 'object' || next === null) total += String(next).length
    else {
      const members = Object.entries(next)
      // Two brackets, and a comma between any two members.
      total += 2 + Math.max(0, members.length - 1)
      for (const [key, member] of members) {
        if (!Array.isArray(next)) total += Buffer.byteLength(key) + 3
        waiting.push(member)
      }
    }
  }
  return total
}

function closingQuote(frame: string, start: number): number {
  let end = frame.indexOf('"', start)
  while (end !== -1) {
    let before = end
    while (before > start && frame.charCodeAt(before - 1) === backslash) before--
    if ((end - before) % 2 === 0) return end
    end = frame.indexOf('"', end + 1)
  }
  return frame.length
}

const backslash = 0x5c
