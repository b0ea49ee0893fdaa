import { attachmentsOf } from './attachments.ts'
import type { CallCheck, CallFinding } from './call-check.ts'

/** The most that one call may hold. */
export interface Largest {
  /** Of all texts together that stand where the rule looks, in UTF-16 units. */
  readonly characters?: number | undefined
  /** Of the body. */
  readonly bytes?: number | undefined
  readonly messages?: number | undefined
  readonly pictures?: number | undefined
  readonly documents?: number | undefined
}

export function largestCheck(largest: Largest): CallCheck {
  return (call, places) => {
    const { bodyBytes, chat } = call
    const findings: CallFinding[] = []
    const judge = (what: string, there: number, most: number | undefined): void => {
      if (most !== undefined && there > most)
        findings.push({
          kind: 'size',
          place: 'other',
          path: '',
          says: `it holds ${there} ${what}, and may hold ${most}`,
        })
    }
    judge('bytes', bodyBytes, largest.bytes)
    judge('messages', chat?.messages.length ?? 0, largest.messages)
    if (largest.characters !== undefined) {
      const texts = call.texts.filter(({ place }) => places.has(place))
      judge(
        'characters of text',
        texts.reduce((sum, { text }) => sum + text.length, 0),
        largest.characters,
      )
    }
    if ((largest.pictures ?? largest.documents) !== undefined && places.has('document')) {
      const files = attachmentsOf(call)
      judge('pictures', files.filter(({ what }) => what === 'image').length, largest.pictures)
      judge('documents', files.filter(({ what }) => what === 'document').length, largest.documents)
    }
    return findings
  }
}
