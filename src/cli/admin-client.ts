import type { z } from 'zod'
import { problemBody } from '../admin/contract/error.ts'
import { systemClock } from '../canonical/clock.ts'
import { CommandFailure } from './failure.ts'
import { visibleLines } from './visible.ts'

/** The longest a call may take, or a piece of its answer: a sum over a year of records, on a slow disk. */
const callLimitMs = 120_000

export interface AdminAnswer<Body> {
  readonly body: Body
  /** The answer, byte for byte. */
  readonly text: string
}

export type Query = Readonly<Record<string, string | number | undefined>>

/** Speaks to the admin API. Every problem is a `CommandFailure`: a sentence for whoever typed the command. */
export interface AdminClient {
  read<Body>(schema: z.ZodType<Body>, path: string, query?: Query): Promise<AdminAnswer<Body>>
  change<Body>(
    schema: z.ZodType<Body>,
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<AdminAnswer<Body>>
  /** An answer that is no JSON. */
  readText(path: string, query?: Query): Promise<string>
  /** The same piece by piece, as it comes: one that may be too long to hold. */
  readPieces(path: string, query: Query, take: (piece: string) => void): Promise<void>
}

export function openAdminClient(at: { readonly url: string; readonly key: string | undefined }): AdminClient {
  const origin = originOf(at.url)
  const key = keyOf(at.key)
  const ask = (method: string, path: string, query: Query, body?: object) =>
    answerText(origin, key, method, `${path}${queryText(query)}`, body)
  const parsed = <Body>(schema: z.ZodType<Body>, text: string): AdminAnswer<Body> => {
    const verdict = schema.safeParse(jsonOf(text))
    if (!verdict.success) throw new CommandFailure(`${origin} gave an answer that this version of weir cannot read`)
    return { body: verdict.data, text }
  }
  return {
    read: async (schema, path, query = {}) => parsed(schema, await ask('GET', path, query)),
    change: async (schema, method, path, body) => parsed(schema, await ask(method, path, {}, body)),
    readText: (path, query = {}) => ask('GET', path, query),
    readPieces: (path, query, take) => answerPieces(origin, key, `${path}${queryText(query)}`, take),
  }
}

async function answerText(
  origin: string,
  key: string,
  method: string,
  path: string,
  body: object | undefined,
): Promise<string> {
  const answer = await answerOf(origin, key, { method, path, body, signal: AbortSignal.timeout(callLimitMs) })
  return textOf(origin, answer)
}

async function answerPieces(origin: string, key: string, path: string, take: (piece: string) => void): Promise<void> {
  const patience = new AbortController()
  const limit = systemClock.after(callLimitMs, () => patience.abort(new DOMException('too late', 'TimeoutError')))
  try {
    const answer = await answerOf(origin, key, { method: 'GET', path, body: undefined, signal: patience.signal })
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const piece = await reader?.read().catch((thrown: unknown) => {
        throw new CommandFailure(`the answer of ${origin} broke off (${reasonOf(thrown)}): what was printed is not all`)
      })
      if (piece === undefined || piece.done) return
      limit.restart()
      take(piece.value)
    }
  } finally {
    limit.cancel()
  }
}

interface Asked {
  readonly method: string
  readonly path: string
  readonly body: object | undefined
  readonly signal: AbortSignal
}

/** @returns an answer that is no problem, its body unread. */
async function answerOf(origin: string, key: string, { method, path, body, signal }: Asked): Promise<Response> {
  const headers = {
    authorization: `Bearer ${key}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  let answer: Response
  try {
    answer = await fetch(`${origin}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect would carry the admin key somewhere else.
      redirect: 'error',
      signal,
    })
  } catch (thrown) {
    throw unanswered(origin, thrown)
  }
  if (answer.ok) return answer
  const text = await textOf(origin, answer)
  if (answer.status === 401) throw new CommandFailure(`WEIR_ADMIN_KEY is not the admin key of the gateway at ${origin}`)
  const problem = problemBody.safeParse(jsonOf(text))
  if (!problem.success)
    throw new CommandFailure(`${origin} answered ${answer.status}, and not as a Weir admin API does: is it one?`)
  const { code, message } = problem.data.error
  // What only the gateway can check of an order is wrong usage all the same.
  throw new CommandFailure(visibleLines(message), code === 'invalid_request' ? 2 : 1)
}

async function textOf(origin: string, answer: Response): Promise<string> {
  try {
    return await answer.text()
  } catch (thrown) {
    throw unanswered(origin, thrown)
  }
}

function unanswered(origin: string, thrown: unknown): CommandFailure {
  return new CommandFailure(
    `no Weir answers at ${origin} (${reasonOf(thrown)}): is \`weir serve\` running there? --admin or WEIR_ADMIN_URL names another address`,
  )
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '')
    throw new CommandFailure('the admin address must be a plain URL such as http://127.0.0.1:8081', 2)
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new CommandFailure(`the admin address must have no path: ${url.origin}`, 2)
  return url.origin
}

function keyOf(given: string | undefined): string {
  if (given === undefined || given === '')
    throw new CommandFailure(
      'WEIR_ADMIN_KEY is not set: it is what `weir serve` was given, or showed at its first start',
      2,
    )
  if (!/^[\x21-\x7e]+$/.test(given))
    throw new CommandFailure('WEIR_ADMIN_KEY holds a space or another character that no key has', 2)
  return given
}

function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The code only: messages of the system repeat what was said already. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown reason'
  if (thrown.name === 'TimeoutError') return `no answer in ${callLimitMs / 1_000} seconds`
  const { cause } = thrown
  return cause instanceof Error && 'code' in cause ? String(cause.code) : thrown.message
}
