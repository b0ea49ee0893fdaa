import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TextPlace } from '../../src/canonical/guardrail.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { endpoints } from '../../src/server/endpoints.ts'
import { contentTypeOf, framed } from '../../src/wire/framing.ts'
import { startGateway, type RunningGateway } from '../gateway-fixture.ts'
import { startReplay, type Replayed, type ReplayUpstream } from '../replay-upstream.ts'
import { markedCalls, type MarkedCall } from './marked-bodies.ts'
import { markedAnswers, type MarkedAnswer } from './marked-answers.ts'
import { marksIn, plantedAt, plantedFor, type Mark } from './marks.ts'

/*
 * Endpoint x stream x phase x place of text: a planted text is blocked and redacted in every one of them, or the call is refused (G1 to
 * G4). The cells are made from marked bodies; an endpoint without one fails.
 */
let upstream: ReplayUpstream
let weir: RunningGateway

const blocked = 'Zanzibar'
const redacted = 'Vesper'

beforeAll(async () => {
  upstream = await startReplay()
  const key = 'credentials: { apiKey: env:KEY }'
  const providers = {
    openai: `{ kind: openai, baseUrl: "${upstream.origin}/v1", ${key} }`,
    compatible: `{ kind: openai-compatible, baseUrl: "${upstream.origin}/v1", ${key}, completions: true }`,
    anthropic: `{ kind: anthropic, baseUrl: "${upstream.origin}", ${key} }`,
    gemini: `{ kind: gemini, baseUrl: "${upstream.origin}", ${key} }`,
    bedrock: `{ kind: bedrock, region: us-east-1, baseUrl: "${upstream.origin}", ${key} }`,
    cohere: `{ kind: cohere, baseUrl: "${upstream.origin}", ${key} }`,
    ollama: `{ kind: ollama, baseUrl: "${upstream.origin}" }`,
  }
  const names = Object.keys(providers)
  weir = await startGateway({
    env: { KEY: 'upstream-key-1' },
    config: `
providers:
${Object.entries(providers)
  .map(([name, settings]) => `  ${name}: ${settings}`)
  .join('\n')}
models:
${names.map((name) => `  ${name}: { targets: [{ provider: ${name}, model: m1 }], retry: { maxAttempts: 1 } }`).join('\n')}
guardrails:
  blocks: { terms: [${blocked}], action: block, phases: [input] }
  redacts: { terms: [${redacted}], action: redact, phases: [input] }
  blocks-answers: { terms: [${blocked}], action: block, phases: [output] }
  redacts-answers: { terms: [${redacted}], action: redact, phases: [output] }
`,
  })
})

/** Endpoint -> place -> what became of it, for the table. */
const cells = new Map<string, Map<string, string>>()

afterAll(() => {
  const places = [...new Set([...cells.values()].flatMap((row) => [...row.keys()]))].toSorted()
  const rows = [...cells].map(([name, row]) => [name, ...places.map((place) => row.get(place) ?? '')])
  const all = [['', ...places], ...rows]
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  console.info(`what guardrails look at (b: blocked, r: redacted, x: refused)\n${lines.join('\n')}`)
})

function note(name: string, place: string, what: string): void {
  const row = cells.get(name) ?? new Map<string, string>()
  cells.set(name, row)
  const before = row.get(place) ?? ''
  row.set(place, [...new Set(before + what)].toSorted().join(''))
}

afterAll(async () => {
  await weir.close()
  await upstream.close()
})

describe('what a client says', () => {
  it('G2: every endpoint has a marked call', () => {
    expect(Object.keys(markedCalls).toSorted()).toEqual(endpoints.map(({ path }) => path).toSorted())
  })

  it.each(Object.entries(markedCalls))('G2: is blocked and redacted wherever it stands in %s', async (_, marked) => {
    const holes: string[] = []
    for (const isStream of marked.stream || marked.streamPath ? [false, true] : [false]) {
      const text = JSON.stringify({
        form: marked.form?.fileName ?? '',
        body: { ...marked.body, ...(isStream && marked.stream) },
      })
      for (const mark of marksIn(text)) {
        const about = text.slice(Math.max(0, mark.start - 40), mark.end + 8)
        holes.push(...(await judged(marked, isStream, text, mark)).map((hole) => `${hole}: ${about}`))
      }
    }
    expect(holes).toEqual([])
  })
})

async function judged(marked: MarkedCall, isStream: boolean, text: string, mark: Mark): Promise<readonly string[]> {
  const before = upstream.seen.length
  const refused = await ask(marked, isStream, plantedAt(text, mark, blocked))
  const told = await refused.text()
  const place = lastPlace()
  const holes: string[] = []
  const name = `${marked.path} ${isStream ? 'stream' : 'whole'} asked`
  if (refused.status !== 403 || upstream.seen.length > before) holes.push(`${refused.status} ${told.slice(0, 200)}`)
  else if (place !== mark.place) holes.push(`is told to be ${place}, not ${mark.place}`)
  else note(name, mark.place, 'b')
  const answer = await ask(marked, isStream, plantedAt(text, mark, redacted))
  await answer.text()
  const left = upstream.seen.slice(before).map(({ body, path }) => path + body.toString('latin1'))
  if (answer.status !== 403 && left.length === 0) holes.push(`not redacted: ${answer.status}`)
  if (left.some((one) => one.includes(redacted))) holes.push('leaves')
  else note(name, mark.place, answer.status === 403 ? 'x' : 'r')
  return holes
}

describe('what a model says', () => {
  it.each(endpoints.map(({ path, dialect }) => [path, dialect] as const))(
    'G1 to G4: is blocked and redacted wherever it stands in answers of %s',
    async (path, dialect) => {
      const holes: string[] = []
      for (const answer of markedAnswers(dialect))
        for (const isStream of answer.stream === undefined ? [false] : [false, true]) {
          const text = isStream ? (answer.stream ?? '') : answer.whole
          for (const spelling of new Set(spellingsIn(text)))
            holes.push(
              ...(await judgedAnswer(path, dialect, isStream, answer, spelling)).map((hole) => `${hole}: ${spelling}`),
            )
        }
      expect(holes).toEqual([])
    },
  )
})

async function judgedAnswer(
  path: string,
  dialect: Dialect,
  isStream: boolean,
  answer: MarkedAnswer,
  spelling: string,
): Promise<readonly string[]> {
  const marked = markedCalls[path]
  if (!marked) return ['has no marked call']
  if (isStream && !marked.stream && marked.streamPath === undefined) return []
  const place = /@([a-z-]+)\d*@/.exec(spelling)?.[1] ?? ''
  const asked = plantedFor(
    JSON.stringify({ form: marked.form?.fileName ?? '', body: { ...marked.body, ...(isStream && marked.stream) } }),
    'none',
    '',
  )
  const holes: string[] = []
  const name = `${path} ${isStream ? 'stream' : 'whole'} answered`
  for (const planted of [blocked, redacted]) {
    upstream.answer(
      replayed(
        dialect,
        isStream,
        answer,
        plantedFor(isStream ? (answer.stream ?? '') : answer.whole, spelling, planted),
      ),
    )
    const told = await ask(marked, isStream, asked)
    const text = Buffer.from(await told.arrayBuffer()).toString('latin1')
    const isBlocked =
      told.status === 403 || text.includes('guardrail_blocked') || text.includes('the guardrail blocks-answers')
    if (text.includes(planted)) holes.push(`${planted} is shown, ${told.status} ${text.slice(0, 3000)}`)
    else if (isBlocked !== (planted === blocked)) holes.push(`${planted}: ${told.status} ${text.slice(0, 300)}`)
    else if (isBlocked && lastPlace() !== place && !(place === 'refusal' && lastPlace() === saysRefusalsAs(dialect)))
      holes.push(`is told to be ${lastPlace()}, not ${place}`)
    else note(name, place, planted === blocked ? 'b' : 'r')
  }
  upstream.forget()
  return holes
}

/** Most dialects have no other word for one. */
function saysRefusalsAs({ name }: Dialect): TextPlace {
  return name === 'openai-chat' || name === 'openai-responses' ? 'refusal' : 'assistant'
}

function replayed(dialect: Dialect, isStream: boolean, answer: MarkedAnswer, text: string): Replayed {
  if (!isStream) return { status: 200, headers: { 'content-type': answer.contentType }, body: Buffer.from(text) }
  const framing = dialect.framing ?? 'sse'
  return { status: 200, headers: { 'content-type': contentTypeOf(framing) }, body: framed(text, framing) }
}

function spellingsIn(text: string): readonly string[] {
  return [...text.matchAll(/@[a-z-]+\d*@/g)].map(([spelling]) => spelling)
}

async function ask(marked: MarkedCall, isStream: boolean, text: string): Promise<Response> {
  const { path, streamPath = path, provider } = marked
  const { form: fileName, body } = JSON.parse(text) as { form: string; body: Record<string, unknown> }
  const asked = (isStream ? streamPath : path).replace('{model}', provider)
  const url = `${weir.gateway.dataOrigin}${asked}`
  const headers: Record<string, string> = { authorization: `Bearer ${weir.key}` }
  if (marked.provider === 'anthropic') headers['anthropic-version'] = '2023-06-01'
  if (marked.form) {
    const form = new FormData()
    form.set('model', provider)
    for (const [name, value] of Object.entries(body)) form.set(name, String(value))
    form.set(marked.form.field, new Blob(['RIFF']), fileName)
    return fetch(url, { method: 'POST', headers, body: form })
  }
  const withModel = path.includes('{model}') ? body : { model: provider, ...body }
  headers['content-type'] = 'application/json'
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(withModel) })
}

function lastPlace(): string | undefined {
  const record = weir.finished.at(-1)?.records.at(-1)
  const { guardrails } = JSON.parse(record?.decision ?? '{}') as {
    guardrails?: { decisions: readonly { place: string }[] }
  }
  return guardrails?.decisions[0]?.place
}
