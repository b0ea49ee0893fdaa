import { attempt, type Bench, type Failure, type Law, type Trial } from './law.ts'

/** What was read cannot be changed in place: a guardrail that masked a copy would see the remembered original sent. */
export const frozenNodes: readonly Law[] = [{ name: 'frozen nodes', trials }]

function* trials({ subject, exchanges }: Bench): Generator<Trial> {
  for (const { id, body } of exchanges.calls)
    // A copy: the readers of the other laws get the body as JSON.parse made it.
    yield {
      id,
      failures: attempt('reading', () => looseNodes(subject.translation.readChat(structuredClone(body)))),
    }
}

/** Everything reachable that can still be changed. */
export function* looseNodes(value: unknown, pattern = '', seen = new Set<object>()): Generator<Failure> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  if (!Object.isFrozen(value))
    yield { what: `not frozen: ${pattern === '' ? 'the call' : pattern}`, detail: typeof value }
  else if (canBeChanged(value)) yield { what: `can be changed: ${pattern}`, detail: 'an assignment did not throw' }
  for (const [key, inner] of Object.entries(value))
    yield* looseNodes(inner, Array.isArray(value) ? `${pattern}[]` : pattern === '' ? key : `${pattern}.${key}`, seen)
}

function canBeChanged(value: object): boolean {
  const key = Object.keys(value)[0] ?? 'length'
  try {
    Object.assign(value, { [key]: 'changed' })
    return true
  } catch (thrown) {
    if (thrown instanceof TypeError) return false
    throw thrown
  }
}
