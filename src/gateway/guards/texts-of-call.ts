import type { TextPlace } from '../../canonical/guardrail.ts'
import { placesOf } from '../../policies/guardrails/places.ts'
import { textsOf, type Text } from '../../policies/guardrails/texts.ts'
import type { Asked } from '../read-asked.ts'

/** What is needed of a call to find its texts. */
export type WithTexts = Pick<Asked, 'dialect' | 'value' | 'chat'>

/** Every text of a call, with where each stands, whatever the dialect. */
export function textsOfCall(asked: WithTexts): readonly Text[] {
  return textsOf(asked.value, placesIn(asked))
}

/** Where each part of a chat stands in the body, also of one whose tokens are only counted. */
function placesIn({ dialect, value, chat }: WithTexts): (path: string) => TextPlace | undefined {
  const read = chat()
  const { chat: asked, path: below } = read ? { chat: read, path: '' } : (dialect.counts?.(value) ?? { path: '' })
  const places = asked && placesOf(asked)
  return (path) => (path.startsWith(below) ? places?.get(path.slice(below.length)) : undefined)
}
