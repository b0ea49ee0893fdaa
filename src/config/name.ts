import { z } from 'zod'

/**
 * Names of organisations, teams, projects, users, agents and keys, in the config as in the admin API. Narrow on purpose:
 * a name is part of ids, paths, CSV cells and log lines, and none of those then needs quoting (failures.md L6).
 */
export const ownerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'names are 1 to 63 letters, digits, dots, dashes and underscores')

/** Schemas pass over a key of this name in silence: whoever hands them a value looks for it first, and refuses it in these words. */
export const unseenName = { key: '__proto__', words: 'this name cannot be used; choose another' } as const
