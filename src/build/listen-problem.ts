import { SetupProblem } from '../config/setup-problem.ts'

/** By the system's code, what is wrong with the address and what to do. */
const words: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', 'something else listens there already: stop that, or choose another port'],
  ['EACCES', 'this user may not listen there: choose a port of 1024 or more, or give the user that right'],
  ['EADDRNOTAVAIL', 'this machine has no such address: 0.0.0.0 stands for all it has'],
  ['ENOTFOUND', 'no address is known for this name: write a number, such as 127.0.0.1'],
])

/**
 * What kept a listener from opening, in words for the person who starts Weir.
 * @param key of the config, such as `server.listen`.
 * @returns a SetupProblem, or what was thrown where the address is not what was wrong.
 */
export function listenProblem(
  key: 'server.listen' | 'admin.listen',
  { host, port }: { readonly host: string; readonly port: number },
  thrown: unknown,
): unknown {
  const told = words.get(thrown instanceof Error && 'code' in thrown ? thrown.code : undefined)
  if (told === undefined) return thrown
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return new SetupProblem(`${key}: cannot listen at ${address}: ${told}`, { cause: thrown })
}
