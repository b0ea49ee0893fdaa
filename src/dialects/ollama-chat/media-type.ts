/**
 * What a picture is, which Ollama is not told: by how the base64 of its first bytes begins. What is none of these is taken for a
 * PNG, as most are.
 */
export function imageTypeOf(base64: string): string {
  return beginnings.find(([beginning]) => base64.startsWith(beginning))?.[1] ?? 'image/png'
}

const beginnings = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
] as const
