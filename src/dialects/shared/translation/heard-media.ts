import type { CacheMark, MediaBlock, MediaSource } from '../../../canonical/chat.ts'
import type { WireFields } from './wire-fields.ts'

/** A picture, sound or document as OpenAI's dialects tell one: without a title, a note or a wish for citations. */
export function heardMedia(
  fields: WireFields,
  kind: MediaBlock['kind'],
  source: MediaSource,
  said: Partial<Pick<MediaBlock, 'detail' | 'fileName'>>,
  cache: CacheMark | undefined,
): MediaBlock {
  return fields.hear<MediaBlock>({
    kind,
    source,
    detail: said.detail,
    fileName: said.fileName,
    title: undefined,
    note: undefined,
    wantsCitations: undefined,
    cache,
  })
}
