import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { errorTable, type ErrorKind } from '../src/canonical/error.ts'
import type { Json } from '../src/canonical/json.ts'
import { dialects } from '../src/dialects/all.ts'
import type { UpstreamProblem } from '../src/dialects/dialect.ts'
import { readProviderProblem } from '../src/dialects/shared/problems/provider-problem.ts'
import { corpusDir, recordings, reportMissingCorpus, type Recording } from './corpus.ts'
import judgedFile from './error-corpus.judged.json' with { type: 'json' }

/**
 * Every error answer that was recorded, and every one that was quoted in public, has the kind that a person gave it by reading
 * it. One that nobody has judged yet fails by name.
 */
const kinds = Object.keys(errorTable)
const kind = z.string().refine((name): name is ErrorKind => kinds.includes(name))
const judged = z
  .strictObject({
    /** By kind: which recordings, as `provider/api/id`. */
    recorded: z.record(kind, z.array(z.string())),
    /** In the order of the corpus. `start` is of the body, so that a row cannot slip. */
    wild: z.array(
      z.strictObject({
        provider: z.string(),
        status: z.int(),
        start: z.string(),
        kind,
        waitMs: z.int().optional(),
        isLasting: z.literal(true).optional(),
      }),
    ),
  })
  .parse(judgedFile)

const apis = (
  'chat messages responses generate converse invoke cohere-chat ollama-chat completions ' +
  'embeddings images audio rerank moderations count-tokens files batches caches models'
).split(' ')

describe('the corpus of errors', () => {
  if (corpusDir === undefined) reportMissingCorpus('the corpus of errors')

  it('19, 20 every recorded error answer has the kind that a person gave it', () => {
    const found = apis.flatMap((api) =>
      recordings(api).flatMap((recording) => {
        const problem = problemOf(api, recording)
        return problem === undefined ? [] : [[`${recording.provider}/${api}/${recording.id}`, problem.kind] as const]
      }),
    )
    if (found.length === 0) return
    const known = Object.entries(judged.recorded).flatMap(([name, ids]) => ids.map((id) => [id, name] as const))
    console.log(`recorded errors: ${found.length}, of ${new Set(found.map(([id]) => id.split('/')[0])).size} providers`)
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(known))
  })

  it.each(judged.wild.map((row, place) => ({ ...row, place })))(
    '$provider $status $start is $kind',
    ({ place, provider, status, start, kind: expected, waitMs, isLasting }) => {
      const seen = wild()[place]
      if (seen === undefined) return expect(corpusDir).toBeUndefined()
      expect([seen.provider, seen.status, seen.body.slice(0, start.length)]).toEqual([provider, status, start])
      const problem = wildProblem(seen)
      expect(problem.kind).toBe(expected)
      expect(problem.retryAfterMs).toBe(waitMs)
      expect(problem.isLasting).toBe(isLasting)
      // Neither markup nor the names of our accounts are for those who call us.
      expect(problem.message).not.toMatch(/<|org[-_][A-Za-z0-9]/)
    },
  )

  it('has no row that nobody judged', () => {
    if (corpusDir !== undefined) expect(wild()).toHaveLength(judged.wild.length)
  })
})

/** `undefined`: no error. Some have a success status; the envelope tells. */
function problemOf(api: string, { response }: Recording): UpstreamProblem | undefined {
  const { status, headers } = response
  const value = parsed(response.body)
  if (status < 300 && !isError(value)) return undefined
  if (api === 'converse') return dialects['bedrock-converse'].readProblem(status, value, (name) => headers[name])
  return readProviderProblem(status < 300 ? undefined : status, value)
}

function wildProblem({ api, status, headers, body }: WildError): UpstreamProblem {
  if (api === 'converse') return dialects['bedrock-converse'].readProblem(status, parsed(body), (name) => headers[name])
  // An error inside a stream: its first frame.
  const frame = /^data: (.*)$/m.exec(body)?.[1]
  return frame === undefined ? readProviderProblem(status, parsed(body)) : readProviderProblem(undefined, parsed(frame))
}

const wildError = z.looseObject({
  provider: z.string(),
  api: z.string(),
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
})
type WildError = z.infer<typeof wildError>

function wild(): readonly WildError[] {
  if (corpusDir === undefined) return []
  const lines = readFileSync(join(corpusDir, 'errors', 'errors-in-the-wild.jsonl'), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => wildError.parse(JSON.parse(line)))
}

function isError(value: Json | undefined): boolean {
  const error = z.looseObject({ error: z.looseObject({}) })
  return error.safeParse(value).success
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}
