import { isBelow, type PathPattern } from '../shared/free-form.ts'

/** Schemas and arguments. `metadata` is none of them: it has one known key, on which we act. */
export function isFreeForm(path: readonly (string | number)[]): boolean {
  return isBelow(path, freeFormPlaces)
}

const freeFormPlaces: readonly PathPattern[] = [
  ['tools', '*', 'input_schema'],
  ['tools', '*', 'input_examples'],
  // The arguments of tool_use, server_tool_use and mcp_tool_use blocks.
  ['messages', '*', 'content', '*', 'input'],
  ['output_config', 'format', 'schema'],
  // The beta before output_config.
  ['output_format', 'schema'],
]
