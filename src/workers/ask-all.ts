import type { Member } from './member.ts'
import type { WorkerAnswers } from './protocol.ts'
import { reasonOf } from '../canonical/reason-of.ts'

/** Of each worker that was asked: what it gave, or why it gave nothing. */
export interface Answers<Given> {
  readonly given: readonly { readonly member: Member; readonly value: Given }[]
  readonly missing: readonly { readonly member: Member; readonly why: string }[]
}

/**
 * Asks every worker among these that serves or is about to, and waits for at most `limitMs`.
 * @returns the answers, and the workers that gave none.
 */
export async function askAll<Verb extends keyof WorkerAnswers & string>(
  members: Iterable<Member>,
  verb: Verb,
  takes: WorkerAnswers[Verb]['takes'],
  limitMs: number,
): Promise<Answers<WorkerAnswers[Verb]['gives']>> {
  // One that has been told what to do may serve before it has said so. One that has not will be told what holds then.
  const those = [...members].filter(
    ({ state, hasBegun }) => state === 'serving' || state === 'leaving' || (state === 'starting' && hasBegun),
  )
  const given: { readonly member: Member; readonly value: WorkerAnswers[Verb]['gives'] }[] = []
  const missing: { readonly member: Member; readonly why: string }[] = []
  await Promise.all(
    those.map(async (member) => {
      try {
        given.push({ member, value: await member.ask(verb, takes, limitMs) })
      } catch (thrown) {
        // A worker that died meanwhile serves nobody: it is not missed.
        if (member.state !== 'dead') missing.push({ member, why: reasonOf(thrown) })
      }
    }),
  )
  return { given, missing }
}
