import { isJsonObject, type Json } from '../../canonical/json.ts'
import { isJsonArray } from '../shared/call-fields.ts'

/** The name of the container that an answer used: it is kept for a while, and for everyone who shares the account. */
export function storedIdsIn(holder: Json | undefined): readonly string[] {
  const container = isJsonObject(holder) ? holder['container'] : undefined
  const id = isJsonObject(container) ? container['id'] : undefined
  return typeof id === 'string' && id !== '' ? [id] : nothing
}

/**
 * The names of files that code has written in the container, as blocks tell of them: the Files API loads them, and later calls may
 * name them (Anthropic docs, Code execution tool, read 2026-11).
 * @returns `undefined` where no code ran.
 */
export function writtenFilesIn(blocks: readonly Json[]): readonly string[] | undefined {
  let found: string[] | undefined
  for (const block of blocks)
    if (isJsonObject(block) && writing.has(block['type'])) found = [...(found ?? []), ...filesIn(block['content'])]
  return found
}

function filesIn(result: Json | undefined): readonly string[] {
  const files = isJsonObject(result) ? result['content'] : undefined
  if (!isJsonArray(files)) return nothing
  return files.flatMap((one) => {
    const id = isJsonObject(one) && outputs.has(one['type']) ? one['file_id'] : undefined
    return typeof id === 'string' && id !== '' ? [id] : []
  })
}

/** Results of tools that run code, and what tells of one file in them. */
const writing: ReadonlySet<unknown> = new Set(['code_execution_tool_result', 'bash_code_execution_tool_result'])
const outputs: ReadonlySet<unknown> = new Set(['code_execution_output', 'bash_code_execution_output'])

const nothing: readonly string[] = []
