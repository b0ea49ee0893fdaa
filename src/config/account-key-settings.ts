import { z } from 'zod'

/** The fields by which a limit or budget says what counts in it, and in how many accounts: the same for both. */
export const countedSettings = {
  by: z
    .string()
    .regex(
      // oxlint-disable-next-line no-control-regex -- a name in a header holds none either
      /^(?:key|user|agent|team|project|organisation|endUser|model|run|metadata\.[^\u0000-\u001f]{1,64})$/,
      'write key, user, agent, team, project, organisation, endUser, model, run or metadata.<name>',
    )
    .describe('One account for each value of this. Absent: one account for all calls together.')
    .optional(),
  missing: z
    .enum(['refuse', 'share'])
    .describe('With `by`, for calls without such a value: refuse them, or let them share one account.')
    .optional(),
  models: z
    .array(z.string().min(1).max(256))
    .min(1)
    .max(1000)
    .describe('Count only calls that ask for one of these: names or patterns with one `*`. Absent: all calls.')
    .optional(),
}

/** What may be absent from a call, so that whoever counts by it must say what is to be done then. */
const mayBeMissing = /^(?:user|agent|team|project|endUser|run|metadata\..+)$/

/** Holds `by` and `missing` to each other. */
export function checkMissing(
  { by, missing }: { readonly by?: string | undefined; readonly missing?: string | undefined },
  wrong: (key: string, message: string) => void,
): void {
  const isDoubtful = by !== undefined && mayBeMissing.test(by)
  if (isDoubtful && missing === undefined) wrong('missing', `missing; a call may have no ${by}: say refuse or share`)
  // Few calls name no model; they share an account where nothing is said.
  if (missing !== undefined && !isDoubtful && by !== 'model')
    wrong('missing', by === undefined ? 'has no effect without `by`' : `has no effect: every call has a ${by}`)
}
