import { isBelow, type PathPattern } from '../shared/free-form.ts'

/** Schemas, arguments and dictionaries whose keys are the client's own. */
export function isFreeForm(path: readonly (string | number)[]): boolean {
  return isBelow(path, freeFormPlaces)
}

const freeFormPlaces: readonly PathPattern[] = [
  ['tools', '*', 'function', 'parameters'],
  ['tools', '*', 'custom', 'format'],
  ['functions', '*', 'parameters'],
  ['messages', '*', 'tool_calls', '*', 'function', 'arguments'],
  ['response_format', 'json_schema', 'schema'],
  ['metadata'],
  ['logit_bias'],
  // vLLM, SGLang and others: variables of the model's own prompt template.
  ['chat_template_kwargs'],
]
