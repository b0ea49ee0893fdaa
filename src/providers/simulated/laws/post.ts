/** What came back, also when it broke off. */
export interface Posted {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON, or `undefined` when it is none. */
  readonly json: unknown
  /** The connection broke before the body was whole. */
  readonly broke: boolean
}

export async function post(
  origin: string,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Posted> {
  // oxlint-disable-next-line no-restricted-globals -- a test's own client
  const answer = await fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  let text = ''
  let broke = false
  try {
    for await (const bytes of answer.body ?? []) text += Buffer.from(bytes).toString()
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown
    broke = true
  }
  return { status: answer.status, headers: answer.headers, text, json: jsonOf(text), broke }
}

/** Looks into a JSON value by keys and places. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined),
    value,
  )
}

/** Content events of a chat stream. */
export function contentsOf(text: string): number {
  return text.split('\n\n').filter((event) => /"delta":\{"content":"./.test(event)).length
}

/** A tool's schema with an enum and limits. */
export const weather = {
  type: 'object' as const,
  properties: {
    city: { type: 'string' },
    unit: { enum: ['C', 'F'] },
    days: { type: 'integer', minimum: 1, maximum: 7 },
  },
  required: ['city', 'unit', 'days'],
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}
