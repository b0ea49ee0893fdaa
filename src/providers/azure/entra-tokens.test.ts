import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import type { EntraConfig } from '../azure-settings.ts'
import { openRawUpstream, wholeAnswer } from '../laws/raw-upstream.ts'
import { openUpstream } from '../upstream.ts'
import { openEntraTokens } from './entra-tokens.ts'

const network = { connectTimeoutMs: 3_000, maxConnections: 4 }
const scope = 'https://cognitiveservices.azure.com/.default'
const tenantId = '11111111-2222-3333-4444-555555555555'
const clientId = 'client-1'
const given = wholeAnswer('{"token_type":"Bearer","expires_in":3599,"access_token":"entra-token-1"}')

describe('tokens of Entra ID, from real sockets', () => {
  it('are given for a client secret', async () => {
    const { told, calls } = await tokenOf(given, (authority) => ({
      kind: 'client-secret',
      tenantId,
      clientId,
      clientSecret: 'env:X',
      authority,
    }))
    expect(told).toBe('entra-token-1')
    expect(calls).toHaveLength(1)
    expect(calls[0]).toContain(`POST /${tenantId}/oauth2/v2.0/token HTTP/1.1\r\n`)
    expect(formOf(calls[0])).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client-1',
      scope,
      client_secret: 'entra secret & more',
    })
  })

  it('are given for the token of a workload, which is read anew for each', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'weir-entra-'))
    const tokenFile = join(dir, 'token')
    writeFileSync(tokenFile, 'first.jwt\n')
    const clock = turnedClock()
    await using raw = await openRawUpstream({ onCall: (socket) => void socket.write(given) })
    const upstream = openUpstream({ clock })
    const settings = { kind: 'workload-identity', tenantId, clientId, tokenFile, authority: `${raw.origin}/` } as const
    const tokens = openEntraTokens('it', settings, scope, network, {})
    await tokens({ clock, upstream })
    writeFileSync(tokenFile, 'second.jwt')
    clock.turn(3_600_000)
    await tokens({ clock, upstream })
    expect(raw.calls.map((call) => formOf(call)['client_assertion'])).toEqual(['first.jwt', 'second.jwt'])
    expect(formOf(raw.calls[0])).toMatchObject({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
    rmSync(dir, { recursive: true })
    clock.turn(3_600_000)
    await expect(tokens({ clock, upstream })).rejects.toMatchObject({
      kind: 'upstream_credential',
      message: "the gateway has no credential for the provider: the workload's token cannot be read",
      cause: { message: `there is no file ${tokenFile}` },
    })
    await upstream.close()
  })

  it('are given to a machine', async () => {
    const life = wholeAnswer('{"access_token":"entra-token-1","expires_in":"86399","expires_on":"1"}')
    const { told, calls } = await tokenOf(life, (origin) => ({
      kind: 'managed-identity',
      endpoint: `${origin}/metadata/identity/oauth2/token`,
    }))
    expect(told).toBe('entra-token-1')
    expect(calls[0]).toContain(
      'GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fcognitiveservices.azure.com HTTP/1.1\r\n',
    )
    expect(calls[0]?.toLowerCase()).toContain('\r\nmetadata: true\r\n')
  })

  it('are given to an app, which tells a header, by the identity that is named', async () => {
    const life = wholeAnswer(`{"access_token":"entra-token-1","expires_on":"${Date.UTC(2027, 0, 1) / 1_000}"}`)
    const { told, calls } = await tokenOf(life, (origin) => ({
      kind: 'managed-identity',
      clientId: 'mine',
      endpoint: `${origin}/msi/token`,
      endpointHeader: 'env:IDENTITY_HEADER',
    }))
    expect(told).toBe('entra-token-1')
    expect(calls[0]).toContain('GET /msi/token?api-version=2019-08-01&resource=')
    expect(calls[0]).toContain('&client_id=mine HTTP/1.1')
    expect(calls[0]?.toLowerCase()).toContain('\r\nx-identity-header: header-secret\r\n')
  })

  it.each([
    [
      '401',
      '{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret for app X"}',
      'invalid_client',
    ],
    ['500', '<html>', undefined],
    ['200', '{"access_token":""}', undefined],
    ['200', '{"access_token":"t"}', undefined],
    ['200', '[]', undefined],
  ])('L1: are none after %s %s, and no secret is told', async (status, body, providerCode) => {
    const answer = wholeAnswer(body).replace('200 OK', `${status} X`)
    const told = await tokenOf(answer, (authority) => ({
      kind: 'client-secret',
      tenantId,
      clientId,
      clientSecret: 'env:X',
      authority,
    })).catch((thrown: unknown) => thrown)
    expect(told).toMatchObject({ kind: 'upstream_credential', providerCode })
    expect(String(told)).not.toMatch(/secret/i)
  })

  it('are none where nobody listens', async () => {
    const clock = turnedClock()
    const upstream = openUpstream({ clock })
    const settings = { kind: 'client-secret', tenantId, clientId, clientSecret: 'env:X' } as const
    const tokens = openEntraTokens('it', { ...settings, authority: 'http://127.0.0.1:1' }, scope, network, {})
    await expect(tokens({ clock, upstream })).rejects.toMatchObject({
      kind: 'upstream_credential',
      message: expect.stringMatching(/: whoever gives it out could not be asked \(connect ECONNREFUSED\)$/),
      cause: { message: '127.0.0.1:1 could not be asked (connect ECONNREFUSED)' },
    })
    await upstream.close()
  })
})

async function tokenOf(answer: string, configAt: (origin: string) => EntraConfig) {
  await using raw = await openRawUpstream({ onCall: (socket) => void socket.write(answer) })
  const clock = turnedClock()
  const upstream = openUpstream({ clock })
  const secrets = { 'entra.clientSecret': 'entra secret & more', 'entra.endpointHeader': 'header-secret' }
  try {
    const told = await openEntraTokens('it', configAt(raw.origin), scope, network, secrets)({ clock, upstream })
    return { told, calls: [...raw.calls] }
  } finally {
    await upstream.close()
  }
}

function formOf(call = ''): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(call.slice(call.indexOf('\r\n\r\n') + 4)))
}
