import type { IncomingMessage } from 'node:http'
import type { Json } from '../../canonical/json.ts'
import { Refusal } from './question.ts'

const bodyLimitBytes = 64 * 1024 * 1024

/**
 * Reads the body of a call as JSON. `undefined`: the client went away before it was whole.
 * @throws Refusal 400, 413.
 */
export async function readJson(incoming: IncomingMessage): Promise<{ json: Json; modelName: string } | undefined> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  const isWhole = await new Promise<boolean>((resolve, reject) => {
    incoming.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes > bodyLimitBytes) reject(new Refusal(413, `the body is larger than ${bodyLimitBytes} bytes`))
      else chunks.push(chunk)
    })
    incoming.once('end', () => resolve(true))
    // `close` follows `end` too, and then changes nothing; an error is always followed by it.
    incoming.once('close', () => resolve(false))
    incoming.once('error', () => resolve(false))
  })
  if (!isWhole) return undefined
  try {
    const json: Json = JSON.parse(Buffer.concat(chunks).toString())
    const modelName = typeof json === 'object' && json !== null && 'model' in json ? json['model'] : ''
    return { json, modelName: typeof modelName === 'string' ? modelName : '' }
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw new Refusal(400, 'the body is not JSON')
    throw thrown
  }
}

export function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name]
  return Array.isArray(value) ? value[0] : value
}
