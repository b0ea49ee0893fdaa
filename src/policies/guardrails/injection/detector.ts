import type { Detector } from '../detect/detector.ts'
import { builtInThreshold, injectionScore } from './classifier.ts'

/** What its findings are called. */
export const injectionKind = 'injection'

/** Nothing can be asked for in less. */
const shortestText = 12

/** Takes a whole text for an attack or not. It is never part of a stream: nobody knows before its end. */
export function injectionDetector(threshold: number = builtInThreshold): Detector {
  return {
    kind: injectionKind,
    find: (text) => {
      if (text.length < shortestText) return []
      const score = injectionScore(text)
      return score > threshold ? [{ kind: injectionKind, start: 0, end: text.length, score }] : []
    },
    liveFrom: () => 0,
  }
}
