import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../canonical/clock.ts'
import { openConnectProxy } from '../laws/connect-proxy.ts'
import { selfSigned } from '../laws/self-signed.ts'
import type { NetworkSettings } from '../provider.ts'
import { openUpstream } from '../upstream.ts'
import { openGoogleTokens } from './google-tokens.ts'
import { writeWorkloadIdentity } from '../../../test/workload-identity.ts'

const network: NetworkSettings = { connectTimeoutMs: 3_000, maxConnections: 4 }
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const account = JSON.stringify(
  {
    type: 'service_account',
    project_id: 'my-project',
    private_key_id: 'key-1',
    private_key: privateKey,
    client_email: 'weir@my-project.iam.gserviceaccount.com',
    token_uri: 'https://oauth2.googleapis.com/token',
  },
  undefined,
  2,
)
const given = { access_token: 'google-token-1', expires_in: 3599, token_type: 'Bearer' }

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-google-'))
  vi.stubEnv('HOME', dir)
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '')
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none')
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true })
})

describe('tokens of a service account', () => {
  it('are given for a claim that its key has signed, through the proxy of the provider', async () => {
    const { told, asked, heads } = await tokenOfAccount(account, 200, given)
    expect(told).toBe('google-token-1')
    expect(heads).toEqual([expect.stringMatching(/^CONNECT oauth2\.googleapis\.com:443 /)])
    const form = new URLSearchParams(asked[0]?.body)
    expect([asked[0]?.line, form.get('grant_type')]).toEqual([
      'POST /token',
      'urn:ietf:params:oauth:grant-type:jwt-bearer',
    ])
    const [head = '', claim = '', signature = ''] = (form.get('assertion') ?? '').split('.')
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({ alg: 'RS256' })
    expect(JSON.parse(Buffer.from(claim, 'base64url').toString())).toMatchObject({
      iss: 'weir@my-project.iam.gserviceaccount.com',
      aud: 'https://oauth2.googleapis.com/token',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    })
    const signed = Buffer.from(`${head}.${claim}`)
    const publicKey = createPublicKey(keys.publicKey.export({ type: 'spki', format: 'pem' }))
    expect(verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
  })

  it('L1: are none when Google refuses, which is told in its own word and without secrets', async () => {
    const refusal = { error: 'invalid_grant', error_description: `Invalid JWT Signature of ${privateKey}` }
    const thrown = await tokenOfAccount(account, 400, refusal).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ kind: 'upstream_credential', providerCode: 'invalid_grant' })
    expect(String(thrown)).not.toContain('PRIVATE KEY')
  })

  it.each([
    ['is no JSON object', 'no JSON'],
    ['has no valid type, client_email, private_key', '{"type":"authorized_user"}'],
    ['has no valid private_key', account.replace('-----BEGIN', '-----END')],
  ])('are none where the key %s', async (what, json) => {
    await expect(tokenOfAccount(json, 200, given)).rejects.toMatchObject({
      kind: 'upstream_credential',
      message: expect.stringContaining(what),
    })
  })
})

describe('tokens of the machine', () => {
  it('are given for a workload identity, in exchange for the token that its platform wrote', async () => {
    await using server = await openServer(http.createServer(), 200, given)
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', writeWorkloadIdentity(dir, `${server.origin}/v1/token`))
    expect(await tokenOf(network, undefined)).toBe('google-token-1')
    const form = new URLSearchParams(server.asked[0]?.body)
    expect([server.asked[0]?.line, form.get('subject_token')]).toEqual(['POST /v1/token', 'platform.jwt'])
  })

  it('are given by the metadata server', async () => {
    await using server = await openServer(http.createServer(), 200, given)
    vi.stubEnv('GCE_METADATA_HOST', server.origin.replace('http://', ''))
    vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present')
    expect(await tokenOf(network, undefined)).toBe('google-token-1')
    expect(server.asked.map(({ line }) => line)).toContain(
      'GET /computeMetadata/v1/instance/service-accounts/default/token?scopes=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform',
    )
  })

  it('are none where it has none', async () => {
    await expect(tokenOf(network, undefined)).rejects.toMatchObject({
      kind: 'upstream_credential',
      message: expect.stringContaining('this machine has no credentials'),
    })
  })
})

async function tokenOfAccount(json: string, status: number, answer: object) {
  const certificate = selfSigned('oauth2.googleapis.com')
  await using server = await openServer(
    https.createServer({ cert: certificate.certificate, key: certificate.key }),
    status,
    answer,
  )
  await using proxy = await openConnectProxy(
    { kind: 'open' },
    new Map([['oauth2.googleapis.com:443', Number(new URL(server.origin).port)]]),
  )
  const { hostname, port } = new URL(proxy.url)
  const told = await tokenOf(
    {
      ...network,
      proxy: { hostname, port: Number(port), authorization: undefined, except: [] },
      tls: {
        authorities: [certificate.certificate],
        identity: undefined,
        servername: undefined,
        minVersion: 'TLSv1.2',
      },
    },
    json,
  )
  return { told, asked: [...server.asked], heads: [...proxy.heads] }
}

async function tokenOf(settings: NetworkSettings, json: string | undefined): Promise<string> {
  const upstream = openUpstream({ clock: systemClock })
  try {
    return await openGoogleTokens('it', 'my-project', settings, json)({ clock: systemClock, upstream })
  } finally {
    await upstream.close()
  }
}

/** Gives the same answer to every call. */
async function openServer(server: http.Server | https.Server, status: number, answer: object) {
  const asked: { readonly line: string; readonly body: string }[] = []
  server.on('request', (incoming: http.IncomingMessage, outgoing: http.ServerResponse) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      asked.push({ line: `${incoming.method} ${incoming.url}`, body: Buffer.concat(chunks).toString() })
      outgoing.writeHead(status, { 'content-type': 'application/json', 'metadata-flavor': 'Google' })
      outgoing.end(JSON.stringify(answer))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
