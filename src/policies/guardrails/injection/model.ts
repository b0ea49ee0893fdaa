import type { Features } from './features.ts'

/** A linear model: a weight for each feature, as signed bytes times a scale. */
export interface Model {
  readonly weights: Float32Array
  readonly bias: number
}

/** From 0 to 1. */
export function scoreOf({ places, values }: Features, { weights, bias }: Model): number {
  let sum = bias
  for (let at = 0; at < places.length; at += 1) sum += (weights[places[at] ?? 0] ?? 0) * (values[at] ?? 0)
  return 1 / (1 + Math.exp(-sum))
}
