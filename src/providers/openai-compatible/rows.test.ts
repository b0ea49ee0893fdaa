import { describe, expect, it } from 'vitest'
import { recordings, reportMissingCorpus } from '../../../test/corpus.ts'
import { listedModels } from '../../accounting/genai-prices.ts'
import { judge } from '../../config/schema-problems.ts'
import { plainHeaders } from '../headers.ts'
import { providerKinds } from '../kinds.ts'
import { asRecord } from '../laws/as-record.ts'
import { providerLaws } from '../laws/provider-laws.ts'
import { openProvider } from '../open-provider.ts'
import { providersSettings } from '../settings.ts'
import { hostedKinds, ownServerKinds, providerRows, rowKinds, type RowKind } from './row-kinds.ts'
import { rowPaths, type ProviderRow, type RowDialect } from './row.ts'

const rows = [...hostedKinds, ...ownServerKinds].map((name) => [name, providerRows[name]] as const)

for (const [name, row] of rows) {
  const [dialect] = row.speaks
  const client = { cookie: 'a=b', authorization: 'Bearer weir_x' }
  providerLaws(rowKinds[name], {
    passes: [],
    credentialHeaders: ['authorization'],
    goldenHeaders: [
      {
        name: 'a client with secrets of its own',
        dialect,
        secret: 'key',
        client,
        leaves: { ...asRecord(plainHeaders), authorization: 'Bearer key' },
      },
      { name: 'without a credential', dialect, secret: '', client, leaves: asRecord(plainHeaders) },
    ],
    goldenAddresses: [
      {
        baseUrl: undefined,
        origin: new URL(row.baseUrl).origin,
        paths: pathsBelow(new URL(row.baseUrl).pathname.replace(/^\/$/, ''), row),
      },
      { baseUrl: 'http://h:1/x/v9/', origin: 'http://h:1', paths: pathsBelow('/x/v9', row) },
    ],
  })
}

function pathsBelow(path: string, { speaks }: ProviderRow): Readonly<Partial<Record<RowDialect, string>>> {
  const all: Readonly<Record<RowDialect, string>> = {
    'openai-chat': '/chat/completions',
    'openai-responses': '/responses',
    'openai-embeddings': '/embeddings',
    'openai-moderations': '/moderations',
    'openai-images': '/images/generations',
    'openai-image-edits': '/images/edits',
    'openai-image-variations': '/images/variations',
    'openai-speech': '/audio/speech',
    'openai-transcriptions': '/audio/transcriptions',
    'openai-translations': '/audio/translations',
    'jina-rerank': '/rerank',
  }
  return Object.fromEntries(speaks.map((dialect) => [dialect, `${path}${all[dialect]}`]))
}

describe('the rows of providers', () => {
  it('are in the order of the alphabet, and none is named twice', () => {
    expect(hostedKinds).toEqual(hostedKinds.toSorted())
    expect(ownServerKinds).toEqual(ownServerKinds.toSorted())
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length)
  })

  it.each(rows)('%s has an address that needs no slash, and says where it was found and when', (_, row) => {
    expect(row.baseUrl).not.toMatch(/\/$/)
    expect(row.source).toMatch(/20\d\d/)
    expect(new Set(row.speaks).size).toBe(row.speaks.length)
  })

  it('name only providers that the price list has', () => {
    const unknown = rows.filter(
      ([, { priceProvider }]) => priceProvider !== undefined && listedModels(priceProvider).length === 0,
    )
    expect(unknown.map(([name]) => name)).toEqual([])
  })

  it('take no word that they refuse', () => {
    const torn = rows.flatMap(([name, row]) => row.takes.filter((word) => row.refuses?.includes(word)).map(() => name))
    expect(torn).toEqual([])
  })
})

it.each(rows)('%s has a name for the output cap', (_, row) => {
  if (row.refuses?.includes('max_completion_tokens')) expect(row.takes).toContain('max_tokens')
})

describe('the config of a row', () => {
  const problemsOf = (settings: unknown): readonly string[] => {
    const verdict = judge({ p: settings }, providersSettings)
    return verdict.ok ? [] : verdict.problems.map(({ path, message }) => `${path.join('.')}: ${message}`)
  }

  it.each(hostedKinds)('%s needs a credential and nothing else', (kind) => {
    expect(problemsOf({ kind, credentials: { apiKey: 'env:A' } })).toEqual([])
    expect(problemsOf({ kind })).toEqual([expect.stringMatching(/^p\.credentials: missing/)])
  })

  it.each(ownServerKinds)('%s needs nothing', (kind) => {
    expect(problemsOf({ kind })).toEqual([])
    expect(problemsOf({ kind, credentials: { apiKey: 'env:A' }, baseUrl: 'http://h:1/v1' })).toEqual([])
  })

  it.each(rows)('%s takes no key that it does not have', (kind) => {
    expect(problemsOf({ kind, credentials: { apiKey: 'env:A' }, responses: true })).toEqual([
      expect.stringMatching(/^p\.responses: unknown key/),
    ])
  })

  const opened = (settings: unknown) => {
    const verdict = judge({ p: settings }, providersSettings)
    if (!verdict.ok || !verdict.value['p']) throw new Error('the settings are refused')
    return openProvider('p', verdict.value['p'], [], { simulatedOrigin: 'http://127.0.0.1:1' })
  }

  it('its words, its price list and its address may be replaced, each by itself', () => {
    const own = { kind: 'mistral', credentials: { apiKey: 'env:A' } }
    expect(opened(own)).toMatchObject({
      kind: 'mistral',
      origin: 'https://api.mistral.ai',
      priceProvider: 'mistral',
      takes: new Set(providerRows.mistral.takes),
    })
    expect(opened({ ...own, takes: ['top_k'] })).toMatchObject({
      origin: 'https://api.mistral.ai',
      takes: new Set(['top_k']),
    })
    expect(opened({ ...own, takes: [] }).takes).toEqual(new Set())
    expect(opened({ ...own, baseUrl: 'http://h:1' }).endpoints).toMatchObject({ 'openai-chat': '/chat/completions' })
    expect(opened({ ...own, priceProvider: 'groq' }).priceProvider).toBe('groq')
  })
})

describe('the recorded calls of a row', () => {
  const apis = { chat: 'openai-chat', responses: 'openai-responses', embeddings: 'openai-embeddings' } as const
  /** Where the recordings call a provider by another name. */
  const recordedAs: Readonly<Record<string, RowKind>> = { 'llama.cpp': 'llama-cpp' }

  it('were sent to where the row says, all of them', () => {
    const wrong: string[] = []
    const counts = new Map<string, number>()
    for (const api of ['chat', 'responses', 'embeddings'] as const)
      for (const { id, provider, request } of recordings(api)) {
        const row = rows.find(([name]) => name === (recordedAs[provider] ?? provider))?.[1]
        if (!row || !request) continue
        const { host, pathname } = new URL(row.baseUrl)
        const isThere = row.speaks.some(
          (dialect) =>
            dialect === apis[api] && request.path === `${pathname === '/' ? '' : pathname}${rowPaths[dialect]}`,
        )
        // The port of one's own server is one's own.
        const isHost = request.host === host || request.host.startsWith('localhost:')
        if (isThere && isHost) counts.set(`${provider} ${api}`, (counts.get(`${provider} ${api}`) ?? 0) + 1)
        else wrong.push(`${provider}/${api}/${id} ${request.host}${request.path}`)
      }
    if (counts.size === 0) return reportMissingCorpus('the recorded calls of a row')
    console.log([...counts].map(([name, count]) => `${name}: ${count} recorded calls at the row's address`).join('\n'))
    // OpenAI's own models on Bedrock have an address of their own; the row says so.
    expect(wrong.filter((one) => !one.endsWith('bedrock-mantle.us-east-1.api.aws/openai/v1/responses'))).toEqual([])
  })
})

it('every row is a kind of provider', () => {
  expect(Object.keys(providerKinds)).toEqual(expect.arrayContaining(Object.keys(providerRows)))
})
