import type { Readable } from 'node:stream'
import { CommandFailure } from './failure.ts'

/** A key has 55 characters; who pipes more has piped the wrong thing. */
const inputLimitBytes = 4_096

/** Everything on stdin, up to a few lines. */
export async function readStdin(stdin: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk)
    sizeBytes += bytes.length
    if (sizeBytes > inputLimitBytes) throw new CommandFailure(`more than ${inputLimitBytes} bytes came on stdin`, 2)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}
