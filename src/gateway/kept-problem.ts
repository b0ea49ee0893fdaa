import type { KeptProblem } from '../canonical/decision.ts'
import type { ErrorKind, GatewayError } from '../canonical/error.ts'
import { NothingLeft } from '../routing/nothing-left.ts'

/** A list of targets with their reasons may be long. */
const keptChars = 1_000

/** What is kept of a refusal, so that it can be explained later. `undefined`: it is in the words of a provider, which may quote the call. */
export function keptProblemOf(problem: GatewayError | undefined): KeptProblem | undefined {
  if (problem === undefined || !(isOwn(problem.kind) || problem instanceof NothingLeft)) return undefined
  const { message, param, facts } = problem
  return { message: message.length > keptChars ? `${message.slice(0, keptChars)}...` : message, param, facts }
}

function isOwn(kind: ErrorKind): boolean {
  return !kind.startsWith('upstream_') && !judgedByProviders.has(kind) && kind !== 'internal'
}

const judgedByProviders: ReadonlySet<ErrorKind> = new Set(['context_length_exceeded', 'content_policy'])
