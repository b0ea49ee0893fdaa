import type { Survey } from '../survey.ts'

/** Something that a detector found. Offsets count UTF-16 units; `end` is exclusive. */
export interface Finding {
  /** `email`, `card`, `private-key`: what placeholders and records are named after. */
  readonly kind: string
  readonly start: number
  readonly end: number
  /** How sure it is, from 0 to 1. Absent: what it finds is found. */
  readonly score?: number | undefined
}

/**
 * Finds one kind of thing in a text. Pure, and linear in the length of the text. Every member of the family passes the laws of
 * `laws/detector-laws.ts`.
 */
export interface Detector {
  readonly kind: string
  /** In order, without overlaps. */
  find(text: string): readonly Finding[]
  /** Whether it may find something, by what was found out about the text once for all detectors. Absent: it may. */
  mayBeIn?(survey: Survey): boolean
  /**
   * Of a text that may go on: where that begins which may still become part of a finding, or change one. The length of the text where
   * nothing may. All before it may be shown to somebody.
   */
  liveFrom(text: string): number
  /**
   * For what has no bound: of a text that goes on with the rest of something that began before it, where that ends; `undefined` where
   * its end is not in it. Absent: nothing that it finds is longer than what a stream may hold back.
   */
  closeOf?(text: string): number | undefined
}
