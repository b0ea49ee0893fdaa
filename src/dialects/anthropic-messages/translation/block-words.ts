import type { BlockWords } from '../../shared/translation/block-queue.ts'
import { unsignedMark } from '../unsigned-thoughts.ts'
import { approximationOf, deltaWords, openingWords } from './answer-words.ts'
import { frameText } from './frame-text.ts'
import { isOwn } from './own.ts'

/** @param requestId for the ids of calls that have none. */
export function blockWords(requestId: string): BlockWords {
  return {
    opening: (start) => openingWords(start, requestId),
    delta: (start, event) => deltaWords(start.content, event.delta, isOwn(event)),
    approximation: approximationOf,
    // The SDK demands a signature.
    unsigned: () => ({ type: 'signature_delta', signature: unsignedMark }),
    // It opens with an empty input.
    noArguments: undefined,
    isEmpty: (delta) => delta['text'] === '' || delta['thinking'] === '' || delta['partial_json'] === '',
    openFrame: (index, opening) => frameText('content_block_start', { index, content_block: opening }),
    deltaFrame: (index, delta) => frameText('content_block_delta', { index, delta }),
    stopFrame: (index) => frameText('content_block_stop', { index }),
  }
}
