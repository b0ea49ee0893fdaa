import { GatewayError } from '../../canonical/error.ts'
import { Losses } from '../../canonical/loss.ts'
import type { GuardNotes } from '../../policies/guardrails/guard-text.ts'
import { markUntrusted } from '../../policies/guardrails/mark-untrusted.ts'
import type { GuardRule } from '../../policies/guardrails/rule.ts'
import type { Parts } from '../parts.ts'
import { judgedAnew, type Asked } from '../read-asked.ts'

/** As many letters and digits of a hash as nobody guesses. */
const boundaryLength = 16

/**
 * A call with the texts of others marked, in the words of its own dialect: all else in it stays word for word. Of an operation
 * other than a conversation nothing is marked, since nothing in it is followed.
 * @throws GatewayError `unsupported`, naming a field that its own dialect cannot say again.
 */
export function markInput(
  asked: Asked,
  rules: readonly GuardRule[],
  notes: GuardNotes,
  { hashOf }: Pick<Parts, 'hashOf'>,
): Asked {
  const chat = rules.length === 0 ? undefined : asked.chat()
  const { translation } = asked.dialect
  if (!chat || !translation || translation.isTextOnly) return asked
  // Keys are hashed under the same pepper, and no key begins like this.
  const boundaryOf = (text: string) => hashOf(`guardrail mark\n${text}`).slice(0, boundaryLength)
  const marked = notes.timed('input', () => markUntrusted(chat, { rules, boundaryOf, notes }))
  if (marked === chat) return asked
  const losses = new Losses()
  const body = translation.writeChat(marked, losses, { defaultOutputCapTokens: 0 })
  const [lost] = losses.list()
  if (lost)
    throw new GatewayError(
      'unsupported',
      `a guardrail marks texts of this call, and ${lost.path} cannot be said beside the marks: leave it out`,
      { param: lost.path },
    )
  return judgedAnew(asked, body)
}
