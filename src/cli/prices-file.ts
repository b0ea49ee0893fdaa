import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { CommandFailure } from './failure.ts'

/** A prices file of whoever types the command, to be sent to the gateway, which reads it. */
export function readPricesFile(path: string): { readonly name: string; readonly text: string } {
  try {
    return { name: basename(path), text: readFileSync(path, 'utf8') }
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown reason'
    throw new CommandFailure(`cannot read ${path} (${code})`, 2)
  }
}
