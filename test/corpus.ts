import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The one place that finds recorded data: `WEIR_CORPUS`, else `../shared` beside the checkout. */
export const corpusDir: string | undefined = [process.env['WEIR_CORPUS'], resolve(import.meta.dirname, '../../shared')]
  .filter((dir): dir is string => dir !== undefined && dir !== '')
  .find((dir) => existsSync(join(dir, 'recordings', 'index.json')))

/** Says, where a reader of the test output sees it, that a test ran on our own cases only. */
export function reportMissingCorpus(what: string): void {
  console.warn(
    `CORPUS ABSENT: ${what} ran without recorded exchanges (set WEIR_CORPUS to the folder that holds recordings/)`,
  )
}

export interface Recording {
  readonly id: string
  readonly provider: string
  readonly api: string
  readonly streaming: boolean
  readonly model: string | null
  readonly features: readonly string[]
  readonly case?: string
  readonly source: { readonly fidelity: string }
  readonly request: {
    readonly method: string
    readonly host: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: unknown
    readonly bodyText?: string
    readonly bodyBase64?: string
  } | null
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly encoding: 'utf8' | 'base64'
    readonly body: string
  }
}

/** All recorded exchanges of these APIs (`chat`, `messages`, `embeddings`, ...), of all providers. Empty without a corpus. */
export function recordings(...apis: readonly string[]): readonly Recording[] {
  if (corpusDir === undefined) return []
  const root = join(corpusDir, 'recordings')
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => apis.map((api) => join(root, entry.name, `${api}.jsonl`)))
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recording)
}

/** The bytes of a recorded answer, as they arrived. */
export function answerBytes(recording: Recording): Buffer {
  return Buffer.from(recording.response.body, recording.response.encoding)
}
