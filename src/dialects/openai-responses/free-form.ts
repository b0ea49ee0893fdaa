import { isBelow, type PathPattern } from '../shared/free-form.ts'

/** Schemas, arguments and dictionaries whose keys are the client's own. */
export function isFreeForm(path: readonly (string | number)[]): boolean {
  return isBelow(path, freeFormPlaces)
}

const freeFormPlaces: readonly PathPattern[] = [
  ['tools', '*', 'parameters'],
  ['tools', '*', 'output_schema'],
  ['tools', '*', 'format'],
  ['tools', '*', 'headers'],
  ['tools', '*', 'tools', '*', 'parameters'],
  // Tools that are added on the way, and lists of an MCP server's.
  ['input', '*', 'tools', '*', 'parameters'],
  ['input', '*', 'tools', '*', 'output_schema'],
  ['input', '*', 'tools', '*', 'input_schema'],
  ['input', '*', 'arguments'],
  ['input', '*', 'action', 'env'],
  ['text', 'format', 'schema'],
  ['prompt', 'variables'],
  ['metadata'],
]
