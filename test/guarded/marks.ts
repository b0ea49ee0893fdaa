/** A place in a text where something can be planted. */
export interface Mark {
  readonly place: string
  readonly start: number
  readonly end: number
}

/** The marks of a text, in order. */
export function marksIn(text: string): readonly Mark[] {
  return [...text.matchAll(/@([a-z-]+)\d*@/g)].map(({ index, 0: whole, 1: place = '' }) => ({
    place,
    start: index,
    end: index + whole.length,
  }))
}

/** The text with one mark planted, and all others harmless. */
export function plantedAt(text: string, mark: Mark, planted: string): string {
  return withoutMarks(text.slice(0, mark.start)) + planted + withoutMarks(text.slice(mark.end))
}

/** The text with every mark of one spelling planted: what a stream says again is one text. */
export function plantedFor(text: string, spelling: string, planted: string): string {
  return withoutMarks(text.replaceAll(spelling, planted))
}

function withoutMarks(text: string): string {
  return text.replaceAll(/@[a-z-]+\d*@/g, 'hm')
}
