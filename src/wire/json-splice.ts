import type { Json } from '../canonical/json.ts'
import type { JsonSpan } from './json-list.ts'
import type { JsonMember, JsonScan } from './json-scan.ts'

/** Sets one top-level key. */
export interface JsonEdit {
  readonly key: string
  readonly value: Json
}

/**
 * Sets top-level keys in the bytes of a JSON object: in place where the key exists, else as a new last member. Every
 * other byte stays as it was: number spellings, escapes, spaces, order. Of two edits of one key the later counts.
 * @param scan the scan of these very bytes, of which the caller knows that they are a JSON object.
 * @returns the same buffer when there is nothing to edit.
 */
export function spliceJson(bytes: Buffer, scan: JsonScan, edits: readonly JsonEdit[]): Buffer {
  if (edits.length === 0) return bytes
  if (scan.closingBrace === -1) throw new TypeError('only a JSON object can be spliced')
  const patches: Patch[] = []
  for (const { key, valueStart, valueEnd } of scan.members) {
    const edit = edits.findLast((candidate) => candidate.key === key)
    if (edit !== undefined) patches.push({ start: valueStart, end: valueEnd, text: JSON.stringify(edit.value) })
  }
  const added = addedText(scan.members, edits)
  if (added !== '') patches.push({ start: scan.closingBrace, end: scan.closingBrace, text: added })
  return patched(bytes, patches)
}

/** Bytes in the place of others. */
export interface SpanEdit extends JsonSpan {
  readonly bytes: Buffer
}

/** Sets bytes in the place of others, which do not overlap, in any order. @returns the same buffer when there is nothing to set. */
export function replaceSpans(bytes: Buffer, edits: readonly SpanEdit[]): Buffer {
  if (edits.length === 0) return bytes
  const pieces: Buffer[] = []
  let from = 0
  for (const { start, end, bytes: set } of edits.toSorted((one, other) => one.start - other.start)) {
    pieces.push(bytes.subarray(from, start), set)
    from = end
  }
  return Buffer.concat([...pieces, bytes.subarray(from)])
}

/** Text in the place of bytes. */
interface Patch {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** One buffer is made and filled: views of the pieces and a buffer for each text would cost more than the copying. */
function patched(bytes: Buffer, patches: readonly Patch[]): Buffer {
  let sizeBytes = bytes.length
  for (const { start, end, text } of patches) sizeBytes += Buffer.byteLength(text) - (end - start)
  const target = Buffer.allocUnsafe(sizeBytes)
  let source = 0
  let written = 0
  for (const { start, end, text } of patches) {
    written += bytes.copy(target, written, source, start)
    written += target.write(text, written)
    source = end
  }
  bytes.copy(target, written, source)
  return target
}

function addedText(members: readonly JsonMember[], edits: readonly JsonEdit[]): string {
  let text = ''
  for (const [index, { key, value }] of edits.entries()) {
    if (members.some((member) => member.key === key)) continue
    if (edits.findLastIndex((candidate) => candidate.key === key) !== index) continue
    const comma = members.length > 0 || text !== '' ? ',' : ''
    text += `${comma}${JSON.stringify(key)}:${JSON.stringify(value)}`
  }
  return text
}
