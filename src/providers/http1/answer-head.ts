/** Limits of what stands before the body of an answer, or behind it. `headShape` knows the count of headers too. */
export const headLimits = { sizeBytes: 16 * 1024, headers: 128, informational: 16 } as const

/** Status and headers of one answer. */
export interface AnswerHead {
  /** 100 to 999. */
  readonly status: number
  readonly minorVersion: '0' | '1'
  /** By the lower-case name. Repeated headers are joined as HTTP says (RFC 9110, 5.3). */
  readonly header: (name: string) => string | undefined
}

/**
 * Reads a head, looking at no header but those that are asked for.
 * @param text each byte as one character, from the status line to the empty line, both included.
 * @returns `undefined`: it is none by RFC 9112, 4 and 5, read strictly. No folded lines, no space before a colon, no bare CR or LF,
 *   nothing that is not to be seen but tabs.
 */
export function readHead(text: string): AnswerHead | undefined {
  if (!headShape.test(text)) return undefined
  const lowered = text.toLowerCase()
  const places = placesOfHeaders(text)
  return {
    status: Number(text.slice(9, 12)),
    minorVersion: text[7] === '0' ? '0' : '1',
    header: (name) => findHeader(text, lowered, places, name),
  }
}

const headShape =
  /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n(?:[!#$%&'*+\-.^_`|~\dA-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n){0,128}\r\n$/

/** Whether a line, with its end, may stand behind a body: a header, and none that would have said where the body ends. */
export function isTrailerLine(line: string): boolean {
  return trailerShape.test(line)
}

const trailerShape =
  /^(?!(?:content-length|transfer-encoding):)[!#$%&'*+\-.^_`|~\dA-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n$/i

/** Whether a head that is not whole yet can still become one: what cannot is told at once, not at a deadline. */
export function mayBecomeHead(text: string): boolean {
  const start = text.slice(0, versionStart.length)
  return versionStart.startsWith(start) && !strayBytes.test(text)
}

const versionStart = 'HTTP/1.'
const strayBytes = /[^\r]\n|\r[^\n]|\0/

/** For each header where its line begins, where its colon is, and where its line ends: what no one asks for is made no string of. */
function placesOfHeaders(text: string): readonly number[] {
  const places: number[] = []
  let start = text.indexOf('\r\n') + 2
  for (let end = text.indexOf('\r\n', start); end > start; end = text.indexOf('\r\n', start)) {
    places.push(start, text.indexOf(':', start), end)
    start = end + 2
  }
  return places
}

function findHeader(text: string, lowered: string, places: readonly number[], name: string): string | undefined {
  let found: string | undefined
  for (let place = 0; place < places.length; place += 3) {
    const start = places[place] ?? 0
    const colon = places[place + 1] ?? 0
    if (colon - start !== name.length || !lowered.startsWith(name, start)) continue
    const value = withoutBlanks(text, colon + 1, places[place + 2] ?? 0)
    found = found === undefined ? value : `${found}, ${value}`
  }
  return found
}

function withoutBlanks(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
