import { countedPatterns, placed, problemOfModelPattern, type Counting } from '../config/model-pattern.ts'
import { pathText } from '../config/problem.ts'
import type { AdminParts } from './ports.ts'
import { AdminProblem } from './problem.ts'

/**
 * A limit or budget for models that there are not bounds nothing, and nobody would notice. What a policy allows must be there too: whoever
 * writes it is told of a slip now, not by the calls that are refused later.
 * @throws AdminProblem `invalid_request`, naming the first one.
 */
export function requireModels(
  parts: Pick<AdminParts, 'models'>,
  policy: Counting & { readonly models?: readonly string[] | null | undefined },
): void {
  const names = parts.models().map(({ name }) => name)
  for (const { path, pattern } of [...placed(['models'], policy.models), ...countedPatterns(policy)]) {
    const problem = problemOfModelPattern(pattern, names)
    if (problem !== undefined) throw new AdminProblem('invalid_request', `${pathText(path)}: ${problem}`)
  }
}
