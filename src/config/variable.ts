import { SetupProblem } from './setup-problem.ts'

/**
 * What an environment variable of ours says; `undefined`: it is not set. Compose files and shells make an empty one of a variable
 * that they do not know, and nobody means that.
 * @throws SetupProblem when it is set but empty.
 */
export function readVariable(
  env: Readonly<Record<string, string | undefined>>,
  name: `WEIR_${string}`,
): string | undefined {
  const text = env[name]
  if (text === '') throw new SetupProblem(`${name} is set but empty; unset it, or give it a value`)
  return text
}
