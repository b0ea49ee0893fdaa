import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkConfig } from './check.ts'

describe('settings of a provider', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'weir-check-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  const tls = 'network: { tls: { minVersion: TLSv1.3 } }'

  it('TLS: are refused where its address is reached without TLS, and they would have no effect', () => {
    const { isValid, text } = check(`{ kind: openai-compatible, baseUrl: "http://llm.example/v1", ${tls} }`)
    expect([isValid, text]).toEqual([
      false,
      expect.stringMatching(
        /providers\.it\.network\.tls {2}has no effect: http:\/\/llm\.example is reached without TLS/,
      ),
    ])
  })

  it.each([
    `{ kind: openai-compatible, baseUrl: "https://llm.example/v1", ${tls} }`,
    `{ kind: openai, credentials: { apiKey: env:A }, ${tls} }`,
    // Its tokens come over TLS.
    `{ kind: azure, baseUrl: "http://llm.example", entra: { kind: client-secret, tenantId: t, clientId: c, clientSecret: env:A }, ${tls} }`,
  ])('TLS: are taken where they have one: %s', (provider) => {
    expect(check(provider).isValid).toBe(true)
  })

  it('prices of two patterns of which neither is the longer are refused, in either order', () => {
    const rows = ['gpt-*: { input: "1", output: "1" }', '"*-pro": { input: "9", output: "9" }']
    for (const written of [rows, rows.toReversed()]) {
      const { isValid, text } = check(
        `{ kind: openai-compatible, baseUrl: "https://llm.example/v1", prices: { ${written.join(', ')} } }`,
      )
      expect([isValid, text]).toEqual([
        false,
        expect.stringMatching(/weir\.yaml:1:\d+ {2}providers\.it\.prices.*equally long/),
      ])
    }
  })

  function check(provider: string) {
    const file = join(dir, 'weir.yaml')
    writeFileSync(file, `providers: { it: ${provider} }\n`)
    return checkConfig(file, {})
  }
})

it('a config that cannot be read is told with what to do', () => {
  expect([import.meta.dirname, '/nowhere/weir.yaml'].map((file) => checkConfig(file, {}).text)).toEqual([
    expect.stringContaining('cannot read the config: it is a folder; name the file in it'),
    expect.stringContaining('cannot read the config: there is no such file; name one with --config or WEIR_CONFIG'),
  ])
})
