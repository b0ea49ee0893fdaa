import type { GuardPhase, TextPlace } from '../../../canonical/guardrail.ts'
import type { ExternalFinding, GuardAdapter, GuardAnswer, GuardCall, GuardQuestion } from './external-guard.ts'

/** A text, or a part of one that is longer than its guard takes. */
export interface Piece {
  readonly phase: GuardPhase
  readonly place: TextPlace
  readonly text: string
  /** It is no part: what a guard writes in its place is the whole text anew. */
  readonly isWhole: boolean
}

/** As `ExternalFinding`, within one piece. */
export type PieceFinding = Omit<ExternalFinding, 'text'>

/** What is said of a piece as a whole. Of a part, it is said of the whole text. */
export function ofWhole(kind: string, score?: number): PieceFinding {
  return { kind, score, span: undefined, replacement: undefined }
}

/** Parts of one text share so much, so that what stands where they meet is seen whole by one of them. */
export const pieceOverlap = 200

/**
 * An adapter for a service that judges one text at a time: one call for each piece.
 * @param longest of a piece, in UTF-16 units; `Infinity`: as long as may be.
 */
export function onePieceACall(
  longest: number,
  service: {
    word(piece: Piece): GuardCall
    read(piece: Piece, answer: GuardAnswer): readonly PieceFinding[]
  },
): GuardAdapter {
  const piecesOf = openPieces(longest)
  return {
    word: (question) => piecesOf(question).map(({ piece }) => service.word(piece)),
    read: (question, call, answer) => {
      const asked = piecesOf(question)[call]
      if (!asked) return []
      return service.read(asked.piece, answer).map((finding) => placedIn(asked, finding))
    },
  }
}

export interface PlacedPiece {
  readonly piece: Piece
  /** Which of the question's texts it is of, and where it begins in it. */
  readonly text: number
  readonly start: number
}

/**
 * The pieces of a question, in order. Texts without a sign in them are left out: there is nothing to judge, and most services refuse
 * them. A question is cut once, however many calls it takes.
 */
export function openPieces(longest: number): (question: GuardQuestion) => readonly PlacedPiece[] {
  const cut = new WeakMap<GuardQuestion, readonly PlacedPiece[]>()
  return (question) => {
    const known = cut.get(question)
    if (known) return known
    const pieces = piecesOf(question, longest)
    cut.set(question, pieces)
    return pieces
  }
}

function piecesOf({ phase, texts }: GuardQuestion, longest: number): readonly PlacedPiece[] {
  return texts.flatMap(({ place, text }, index): readonly PlacedPiece[] => {
    if (text.trim() === '') return []
    const pieces: PlacedPiece[] = []
    for (let start = 0; ;) {
      const end = wholeCharacter(text, start + longest)
      const piece = { phase, place, text: text.slice(start, end), isWhole: end - start === text.length }
      pieces.push({ piece, text: index, start })
      if (end === text.length) return pieces
      start = wholeCharacter(text, end - pieceOverlap)
    }
  })
}

function placedIn(
  { piece, text, start }: PlacedPiece,
  { kind, score, span, replacement }: PieceFinding,
): ExternalFinding {
  return {
    text,
    kind,
    score,
    span: span && { start: start + span.start, end: start + span.end },
    replacement: piece.isWhole ? replacement : undefined,
  }
}

/** This place in the text, or the one before where this would cut a character in two. */
function wholeCharacter(text: string, at: number): number {
  if (at >= text.length) return text.length
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1)) ? at - 1 : at
}
