import { keptNames } from '../kept-names.ts'
import { isFreeForm } from './free-form.ts'

/** Files, and the stores of vectors that some search in by tools of their own. */
export const kept = keptNames(
  { file_id: 'file', file_ids: 'file', vector_store_ids: 'store' },
  { isPassedOver: isFreeForm },
)
