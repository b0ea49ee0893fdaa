import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJsonObject, type Json } from '../src/canonical/json.ts'
import { textsOf } from '../src/policies/guardrails/texts.ts'
import { recordings } from '../test/corpus.ts'

/** As long as the prompt that rules are timed on, in UTF-16 units. */
export const promptLength = 2_048
/** A text of a recorded call that is shorter is put together with its neighbours. */
const mostRecorded = 40

/** A text of the length of a prompt, and what it is. */
export interface TimedPrompt {
  readonly name: string
  readonly text: string
}

/** What people send: prose, code, JSON, tables, a mail with personal data, a log; with a corpus, the texts of recorded calls too. */
export function timedPrompts(): readonly TimedPrompt[] {
  return [...ownPrompts(), ...recordedPrompts()]
}

export function ownPrompts(): readonly TimedPrompt[] {
  const root = join(import.meta.dirname, '..')
  const page = (file: string, from = 0) => readFileSync(join(root, file), 'utf8').slice(from)
  return [
    { name: 'prose', text: page('ARCHITECTURE.md') },
    { name: 'table', text: page('docs/configuration.md', 4_000) },
    { name: 'code', text: page('src/gateway/guards/guard-input.ts') },
    { name: 'json', text: page('package.json') },
    { name: 'mail', text: mail },
    { name: 'log', text: log },
  ].map(({ name, text }) => ({ name, text: ofLength(text, promptLength) }))
}

/** What people say in calls that were recorded, cut evenly from the whole of it. Empty without a corpus. */
function recordedPrompts(): readonly TimedPrompt[] {
  const said = recordings('chat', 'messages', 'responses').flatMap(({ request }) => {
    const body = (request?.body ?? null) as Json
    return isJsonObject(body) ? textsOf(body, () => undefined) : []
  })
  const all = [...new Set(said.map(({ text }) => text))].join('\n')
  const step = Math.floor(all.length / mostRecorded)
  return step < promptLength
    ? []
    : Array.from({ length: mostRecorded }, (_, at) => ({
        name: 'recorded',
        text: ofLength(all.slice(at * step), promptLength),
      }))
}

/** So much of a text, over and over if it is short, as one flat string: V8 would look through pieces of others otherwise. */
export function ofLength(text: string, length: number): string {
  const long = text.repeat(Math.ceil(length / Math.max(1, text.length))).slice(0, length)
  return Buffer.from(long, 'utf16le').toString('utf16le')
}

const mail = `Hello team,

thank you for the quick answer on Friday. As I said on the phone, our invoice 2024-118 has been paid twice: once on 12 March and
once on 19 March, and the second payment should go back to the account that it came from (DE89 3704 0044 0532 0130 00). If that
takes more than a week, please ring me at +49 30 901820 or write to ada.lovelace@example.com; my colleague Charles is at extension
42 until 17:30. The customer number is 00481516, and the order was placed from 203.0.113.7 on the old web site.

Could you also look at the delivery address? It still shows our old office. The new one has been valid since 1 January, and two of
the last five parcels went to the wrong door. I have attached the form with the stamp, but I am happy to send it once more.

Kind regards,
Ada Lovelace
`

const log = `2026-11-29T15:30:25.118Z INFO  http  GET /v1/models 200 12ms id=8f14e45f-ceea-467f-a0e6-1c2b3d4e5f60 bytes=4096
2026-11-29T15:30:25.240Z WARN  pool  10.0.4.17:5432 connection reset after 3021 ms, retry 2 of 5, next in 400 ms
2026-11-29T15:30:26.007Z ERROR app   TypeError: cannot read 'length' of undefined at Object.<anonymous> (/srv/app/lib/read.js:118:27)
2026-11-29T15:30:26.512Z INFO  jobs  sync-orders finished: 1204 rows, 3 skipped, 00:00:04.118, sha=48b7db83b58b810b2fa0e6bdb9fbd7ea32d97b7a
`
