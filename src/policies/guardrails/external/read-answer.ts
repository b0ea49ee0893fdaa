import type { z } from 'zod'
import { GuardFailure, type GuardAnswer } from './external-guard.ts'

/** No answer of a guard tells of more than this in one list; more is no answer. */
export const mostFindings = 10_000

/**
 * The body of a guard's answer. Its members are looked at by their shape alone, so that nothing in it can be more than a value.
 * @param service whose answer it is, for the sentence.
 * @throws GuardFailure `nonsense`. Quotes nothing: an answer may hold the text that was asked about.
 */
export function readAnswer<Shape extends z.ZodType>(
  service: string,
  { status, body }: GuardAnswer,
  shape: Shape,
): z.output<Shape> {
  if (status !== 200) throw nonsense(service, `answered with status ${status} where 200 is its success`)
  const read = shape.safeParse(jsonOf(service, body))
  if (!read.success) throw nonsense(service, 'answered with JSON of another shape than its API has')
  return read.data
}

/**
 * What is placed wherever some words stand can be far more than was told.
 * @throws GuardFailure `nonsense` where it is more than an answer may tell.
 */
export function allOf<Finding>(service: string, findings: Iterable<Finding>): readonly Finding[] {
  const all: Finding[] = []
  for (const finding of findings) {
    if (all.length === mostFindings) throw nonsense(service, `found more than ${mostFindings} places in one text`)
    all.push(finding)
  }
  return all
}

export function nonsense(service: string, what: string): GuardFailure {
  return new GuardFailure('nonsense', `the guard ${service} ${what}`)
}

function jsonOf(service: string, body: string): unknown {
  try {
    const value: unknown = JSON.parse(body)
    return value
  } catch (thrown) {
    // Its message quotes the text.
    if (thrown instanceof SyntaxError) throw nonsense(service, 'answered with a body that is no JSON')
    throw thrown
  }
}
