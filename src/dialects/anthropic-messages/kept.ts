import { keptNames } from '../kept-names.ts'
import { isFreeForm } from './free-form.ts'

/** Files, and the container that tools go on in (@anthropic-ai/sdk, resources/beta/messages). */
export const kept = keptNames(
  { file_id: 'file', container: 'container' },
  {
    // Citations, and what a tool has written in its container.
    told: [
      'char_location',
      'page_location',
      'content_block_location',
      'code_execution_output',
      'bash_code_execution_output',
    ],
    isPassedOver: isFreeForm,
  },
)
