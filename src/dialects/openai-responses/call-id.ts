/**
 * Ids pair calls with results within one body, and nobody sees them again: it is enough that equal ones stay equal. OpenAI
 * takes up to 64 characters (API description 2.3.0).
 */
export function legalCallId(id: string): string {
  return id.length <= longestId ? id : `${id.slice(0, longestId - 9)}_${hashOf(id)}`
}

const longestId = 64

/** FNV-1a, 32 bits: keeps ids apart that differ only in what is cut off. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
