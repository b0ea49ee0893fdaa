import { GatewayError } from '../../canonical/error.ts'
import { dialects } from '../../dialects/all.ts'
import type { DialectName } from '../../dialects/dialect.ts'
import type { JsonSpan } from '../../wire/json-list.ts'
import { readItems, type BatchItem, type ItemForm } from './batch-items.ts'

/** Where each path that OpenAI's batches know is spoken (API description 2.3.0). The others are not judged here, and so not carried. */
const dialectOfUrl: Readonly<Record<string, DialectName>> = {
  '/v1/chat/completions': 'openai-chat',
  '/v1/responses': 'openai-responses',
  '/v1/embeddings': 'openai-embeddings',
}

const form: ItemForm = {
  member: 'body',
  whereOf: (place) => `line ${place + 1}`,
  dialectOf: ({ url }) => {
    const name = typeof url === 'string' && Object.hasOwn(dialectOfUrl, url) ? dialectOfUrl[url] : undefined
    if (name !== undefined) return dialects[name]
    throw new GatewayError('unsupported', `\`url\` is none of ${Object.keys(dialectOfUrl).join(', ')}`, {
      param: 'url',
    })
  },
}

/**
 * Reads the input of a batch of OpenAI's: a file with a call a line.
 * @throws GatewayError `invalid_request`, `unsupported`, naming the line; `request_too_large`.
 */
export function readInputFile(text: Buffer): Promise<readonly BatchItem[]> {
  return readItems(text, linesOf(text), form)
}

/** Those that are not blank, without the end of the line. */
function* linesOf(text: Buffer): Generator<JsonSpan> {
  for (let start = 0; start < text.length;) {
    const found = text.indexOf(lineFeed, start)
    const end = found < 0 ? text.length : found
    if (!isBlank(text.subarray(start, end))) yield { start, end }
    start = end + 1
  }
}

const lineFeed = 0x0a

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)
}
