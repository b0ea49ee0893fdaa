import { featureCount, type Features } from './features.ts'
import type { Model } from './model.ts'

export interface Example {
  readonly features: Features
  /** 1: an attack. */
  readonly label: 0 | 1
}

const settings = { epochs: 30, rate: 0.5, decay: 1e-5 } as const

/** Logistic regression by AdaGrad. The same examples in the same order give the same weights. */
export function trainModel(examples: readonly Example[]): Model {
  const weights = new Float32Array(featureCount)
  const squares = new Float32Array(featureCount).fill(1e-8)
  let bias = 0
  let biasSquare = 1e-8
  const random = linearCongruence(7)
  const order = examples.map((_, place) => place)
  for (let epoch = 0; epoch < settings.epochs; epoch += 1) {
    shuffle(order, random)
    for (const place of order) {
      const example = examples[place]
      if (!example) continue
      const { places, values } = example.features
      let sum = bias
      for (let at = 0; at < places.length; at += 1) sum += (weights[places[at] ?? 0] ?? 0) * (values[at] ?? 0)
      const error = 1 / (1 + Math.exp(-sum)) - example.label
      biasSquare += error * error
      bias -= (settings.rate * error) / Math.sqrt(biasSquare)
      for (let at = 0; at < places.length; at += 1) {
        const to = places[at] ?? 0
        const weight = weights[to] ?? 0
        const gradient = error * (values[at] ?? 0) + settings.decay * weight
        const square = (squares[to] ?? 0) + gradient * gradient
        squares[to] = square
        weights[to] = weight - (settings.rate * gradient) / Math.sqrt(square)
      }
    }
  }
  return { weights, bias }
}

function shuffle(order: number[], random: () => number): void {
  for (let place = order.length - 1; place > 0; place -= 1) {
    const other = Math.floor(random() * (place + 1))
    const held = order[place] ?? 0
    order[place] = order[other] ?? 0
    order[other] = held
  }
}

/** Numerical Recipes' constants: enough for an order, and the same everywhere. */
function linearCongruence(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296
}
