/** A call that an SDK sends, and what the other provider must have heard of it: all of it, but for what is named as lost. */
export interface RichCall<Question> {
  /** A sentence, in part. */
  readonly name: string
  /** The recorded feature that this call fits: its answers are asked for by this one. */
  readonly feature: string
  readonly question: Question
  /** The whole body at the provider, without `model` and what only says how the answer is to come. */
  readonly heard: Readonly<Record<string, unknown>>
  /** What `x-weir-losses` names of the call, in any order. */
  readonly losses: readonly string[]
}

/** One white pixel. */
export const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII='

/** A small document. */
export const pdf = Buffer.from('%PDF-1.4 a small one').toString('base64')

export const weatherSchema = {
  type: 'object',
  properties: { city: { type: 'string', description: 'Zürich, for one 🏔' } },
  required: ['city'],
  additionalProperties: false,
}

export const answerSchema = {
  type: 'object',
  properties: { degrees: { type: 'number' }, isWet: { type: 'boolean' } },
  required: ['degrees', 'isWet'],
  additionalProperties: false,
}
