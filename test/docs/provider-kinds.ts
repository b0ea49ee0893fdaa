import { providerKinds } from '../../src/providers/kinds.ts'
import { hostedKinds } from '../../src/providers/openai-compatible/row-kinds.ts'
import { openProvider } from '../../src/providers/open-provider.ts'
import { providerSettings } from '../../src/providers/settings.ts'

/** Those that the pages call by their own names. */
export function namedKinds(): readonly string[] {
  return kindsOfProvider().filter((kind) => kind in providerKinds)
}

export function kindsText(kinds: ReadonlySet<string>): string {
  const others = kindsOfProvider().filter((kind) => !kinds.has(kind))
  if (others.length === 0) return 'all'
  return others.length === 1 ? `all but ${others[0]}` : [...kinds].join(', ')
}

export function speaks(kind: string, dialectName: string): boolean {
  const baseUrl = { baseUrl: 'http://127.0.0.1:9' }
  const settings = providerSettings.parse({
    kind,
    ...baseUrl,
    ...(identities[kind] ?? { credentials: { apiKey: 'env:KEY' } }),
  })
  return dialectName in openProvider('any', settings, [], { simulatedOrigin: baseUrl.baseUrl }).endpoints
}

/** What some kinds want in place of API keys. */
const identities: Readonly<Record<string, object>> = {
  vertex: { project: 'p' },
  bedrock: { region: 'eu-central-1' },
}

function kindsOfProvider(): readonly string[] {
  return providerSettings.options.map(({ shape: { kind } }) =>
    'options' in kind ? wordOfRows(kind.options) : kind.value,
  )
}

/** Rows are many and alike: the pages have a word for each of their two tables, and providers.md lists them. */
export function wordOfRows(kinds: readonly unknown[]): string {
  return hostedKinds.some((kind) => kinds.includes(kind)) ? 'hosted' : 'own servers'
}
