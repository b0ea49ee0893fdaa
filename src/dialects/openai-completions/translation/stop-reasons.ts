import type { StopReason } from '../../../canonical/event.ts'
import { choiceEnding } from '../../vendors/openai/choice-ending.ts'
import { dialectName, isOwn } from './own.ts'

export const { readClose, closingWords } = choiceEnding({
  dialect: dialectName,
  isOwn,
  // API description 2.3.0.
  words: {
    end: 'stop',
    'stop-sequence': 'stop',
    length: 'length',
    'tool-use': 'stop',
    'content-filter': 'content_filter',
    pause: 'stop',
    other: 'stop',
  },
  reasons: new Map<string, StopReason>([
    ['stop', 'end'],
    ['length', 'length'],
    ['content_filter', 'content-filter'],
  ]),
  coarser: new Set<StopReason>(['tool-use', 'pause', 'other']),
  coarserWhy: 'it is told as the end of a text',
})
