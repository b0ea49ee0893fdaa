import type { StopReason } from '../../../canonical/event.ts'
import { choiceEnding } from '../../vendors/openai/choice-ending.ts'
import { dialectName, isOwn } from './own.ts'

export const { readClose, closingWords } = choiceEnding({
  dialect: dialectName,
  isOwn,
  // API description 2.3.0; what it does not know is `stop` (behaviour.md E1).
  words: {
    end: 'stop',
    'stop-sequence': 'stop',
    length: 'length',
    'tool-use': 'tool_calls',
    'content-filter': 'content_filter',
    pause: 'stop',
    other: 'stop',
  },
  // `function_call` is of the time before tools; `model_length` is Mistral's.
  reasons: new Map<string, StopReason>([
    ['stop', 'end'],
    ['length', 'length'],
    ['model_length', 'length'],
    ['tool_calls', 'tool-use'],
    ['function_call', 'tool-use'],
    ['content_filter', 'content-filter'],
  ]),
  coarser: new Set<StopReason>(['pause', 'other']),
  coarserWhy: 'it is told as the end of a turn',
})
