import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningGateway } from '../../gateway-fixture.ts'

/** One place where the gateway leaves text behind, and what is there. */
export interface Trace {
  readonly place: string
  readonly text: string
}

/** Everything that is kept or shown of what went through: log, metrics, records, every page of the admin API, every byte on disk. */
export async function tracesOf(weir: RunningGateway): Promise<readonly Trace[]> {
  const pages = [
    '/metrics',
    ...['keys', 'audit', 'config', 'models', 'providers', 'organisations'].map((name) => `/api/${name}`),
    '/api/usage?by=key,model,provider,status&since=1d',
    '/api/usage?by=key,model,provider,status&since=1d&format=csv',
    ...weir.finished.filter(({ records }) => records.length > 0).map(({ id }) => `/api/exchanges/${id}`),
  ]
  const shown: Trace[] = []
  for (const page of pages) {
    const answer = await weir.admin(page)
    if (answer.status !== 200) throw new Error(`${page} answered ${answer.status}: ${await answer.text()}`)
    shown.push({ place: page, text: await answer.text() })
  }
  return [{ place: 'log', text: weir.logged() }, ...shown, ...filesOf(weir.dir)]
}

/** Every byte below a folder: databases, journals, spools, files of secrets. */
export function filesOf(dir: string): readonly Trace[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ place: path.slice(dir.length), text: readFileSync(path).toString('latin1') }))
}

/** So much of a secret is enough to be called a leak. */
const tellingLength = 12

/** Where a secret, or a piece of it, in plain text, base64 or hexadecimal, can be read. */
export function leaksOf(secrets: Readonly<Record<string, string>>, traces: readonly Trace[]): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const pieces = piecesOf(secret)
    return traces
      .filter(({ text }) => pieces.some((piece) => text.includes(piece)))
      .map(({ place }) => `${name} in ${place}`)
  })
}

function piecesOf(secret: string): readonly string[] {
  const windows = Array.from({ length: Math.max(1, secret.length - tellingLength + 1) }, (_one, from) =>
    secret.slice(from, from + tellingLength),
  )
  // Base64 of a text depends on where in a group of three it begins: the middle of each is telling enough.
  const encoded = [0, 1, 2].map((shift) =>
    Buffer.from('x'.repeat(shift) + secret)
      .toString('base64')
      .slice(4, -4),
  )
  return [...windows, ...encoded, Buffer.from(secret).toString('hex')]
}
