import { keptNames } from '../kept-names.ts'
import { isFreeForm } from './free-form.ts'

/** Files, stores of vectors, and containers. What else the provider keeps has one place each, or needs a look at more (`readState`). */
export const kept = keptNames(
  { file_id: 'file', file_ids: 'file', vector_store_ids: 'store', container: 'container', container_id: 'container' },
  {
    // Citations in what was answered.
    told: ['file_citation', 'container_file_citation', 'file_path'],
    isPassedOver: (path) => {
      const [first, , third] = path
      // What a search has found, with its texts.
      if (first === 'input' && third === 'results') return true
      // The names of a prompt's variables are the client's own, but not what stands for them.
      return isFreeForm(path) && !(first === 'prompt' && path.length > 3)
    },
  },
)
