import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { turnedClock } from '../../../test/turned-clock.ts'
import type { BedrockConfig } from '../bedrock-settings.ts'
import { awsSignature, readRawCall } from '../laws/aws-signature.ts'
import { openConnectProxy } from '../laws/connect-proxy.ts'
import { openRawUpstream, wholeAnswer } from '../laws/raw-upstream.ts'
import { networkOf } from '../network.ts'
import type { NetworkSettings } from '../provider.ts'
import { openUpstream } from '../upstream.ts'
import { openAwsIdentity } from './aws-identity.ts'
import type { AwsKey } from './sign-call.ts'

const network = { connectTimeoutMs: 3_000, maxConnections: 4 }
const config: BedrockConfig = { kind: 'bedrock', region: 'eu-central-1' }
const temporary = { AccessKeyId: 'ASIATEMP', SecretAccessKey: 'temporary-secret', Expiration: '2099-01-01T00:00:00Z' }
const secrets = { 'accessKey.id': 'AKIAOWN', 'accessKey.secret': 'own-secret', 'accessKey.sessionToken': 'own-token' }

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'weir-aws-'))
  for (const name of Object.keys(process.env).filter((one) => one.startsWith('AWS_'))) vi.stubEnv(name, undefined)
  vi.stubEnv('HOME', dir)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true })
})

describe('a key of the config', () => {
  it('is that of its references, with a session token where it has one', async () => {
    const own = { id: 'env:A', secret: 'env:B' }
    expect(await keyOf({ ...config, accessKey: own })).toEqual({
      accessKeyId: 'AKIAOWN',
      secretAccessKey: 'own-secret',
      sessionToken: undefined,
    })
    expect(await keyOf({ ...config, accessKey: { ...own, sessionToken: 'env:C' } })).toMatchObject({
      sessionToken: 'own-token',
    })
  })
})

describe('a key of the default chain', () => {
  it('is that of the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENV')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'env-secret')
    expect(await keyOf(config)).toMatchObject({ accessKeyId: 'AKIAENV', secretAccessKey: 'env-secret' })
  })

  it('is that of a profile in the shared files', async () => {
    writeFileSync(
      join(dir, 'credentials'),
      '[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = work-secret\n',
    )
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(dir, 'credentials'))
    vi.stubEnv('AWS_CONFIG_FILE', join(dir, 'config'))
    expect(await keyOf({ ...config, profile: 'work' })).toMatchObject({ accessKeyId: 'AKIAWORK' })
  })

  it('is that of a container', async () => {
    const { key, calls } = await keyFrom({ '/creds': { ...temporary, Token: 'temporary-token' } }, (origin) => {
      vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${origin}/creds`)
      vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN', 'container-token')
      return config
    })
    expect(key).toMatchObject({ accessKeyId: 'ASIATEMP', sessionToken: 'temporary-token' })
    expect(readRawCall(calls[0] ?? '').headers).toMatchObject({ authorization: 'container-token' })
  })

  it('is that of the machine, from its metadata server', async () => {
    const role = '/latest/meta-data/iam/security-credentials/'
    const answers = {
      '/latest/api/token': 'imds-token',
      [role]: 'my-role',
      [`${role}my-role`]: { ...temporary, Token: 'temporary-token', Code: 'Success' },
    }
    const { key, calls } = await keyFrom(answers, (origin) => {
      vi.stubEnv('AWS_EC2_METADATA_DISABLED', undefined)
      vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', origin)
      return config
    })
    expect(key).toMatchObject({ accessKeyId: 'ASIATEMP', sessionToken: 'temporary-token' })
    expect(calls.map((call) => call.split(' ', 1)[0])).toEqual(['PUT', 'GET', 'GET'])
  })

  it('is that of a web identity, such as a pod on EKS has', async () => {
    writeFileSync(join(dir, 'token'), 'pod.jwt')
    const { key, calls } = await keyFrom({ '/': roleXml('AssumeRoleWithWebIdentity') }, (origin) => {
      vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', join(dir, 'token'))
      vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/pod')
      vi.stubEnv('AWS_ENDPOINT_URL_STS', origin)
      return config
    })
    expect(key).toMatchObject({ accessKeyId: 'ASIATEMP', sessionToken: 'temporary-token' })
    expect(calls[0]).toContain('WebIdentityToken=pod.jwt')
  })

  it('L4: is asked for through the proxy of the provider, and never around it', async () => {
    writeFileSync(join(dir, 'token'), 'pod.jwt')
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', join(dir, 'token'))
    vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/pod')
    vi.stubEnv('AWS_ENDPOINT_URL_STS', 'http://sts.example')
    await using sts = await openRawUpstream({
      onCall: (socket) => void socket.write(wholeAnswer(roleXml('AssumeRoleWithWebIdentity'))),
    })
    await using proxy = await openConnectProxy(
      { kind: 'open' },
      new Map([['sts.example:80', Number(new URL(sts.origin).port)]]),
    )
    expect(await keyOf(config, networkOf({ proxy: { url: proxy.url } }))).toMatchObject({ accessKeyId: 'ASIATEMP' })
    expect(proxy.heads[0]).toMatch(/^CONNECT sts\.example:80 /)
    await using shut = await openConnectProxy({ kind: 'say', bytes: 'HTTP/1.1 403 No\r\n\r\n', thenClose: true })
    const refused = keyOf(config, networkOf({ proxy: { url: shut.url } }))
    await expect(refused).rejects.toMatchObject({
      kind: 'upstream_credential',
      cause: { message: expect.stringMatching(/^sts\.example /) },
    })
    expect(sts.calls).toHaveLength(1)
  })

  it('is that of a role in the shared files, by a call that is signed as it is sent', async () => {
    const profiles = [
      '[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base-secret',
      '[profile work]\nrole_arn = arn:aws:iam::123456789012:role/work\nsource_profile = base',
    ]
    writeFileSync(join(dir, 'config'), `${profiles.join('\n')}\n`)
    vi.stubEnv('AWS_CONFIG_FILE', join(dir, 'config'))
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(dir, 'credentials'))
    const { key, calls } = await keyFrom({ '/': roleXml('AssumeRole') }, (origin) => {
      vi.stubEnv('AWS_ENDPOINT_URL_STS', origin)
      return { ...config, profile: 'work' }
    })
    expect(key).toMatchObject({ accessKeyId: 'ASIATEMP' })
    const { headers } = readRawCall(calls[0] ?? '')
    const names = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1]?.split(';') ?? []
    expect(names).toContain('host')
    // A signed header that is not sent is a call that is refused.
    expect(names.filter((name) => headers[name] === undefined)).toEqual([])
    expect(headers['accept']).toBe('*/*')
  })

  it('is looked up again after a while where it does not say when it expires', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAFIRST')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's')
    const clock = turnedClock()
    const upstream = openUpstream({ clock })
    const identity = openAwsIdentity('it', config, network, {})
    await identity({ clock, upstream })
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIASECOND')
    expect(await identity({ clock, upstream })).toMatchObject({ accessKeyId: 'AKIAFIRST' })
    clock.turn(15 * 60_000)
    expect(await identity({ clock, upstream })).toMatchObject({ accessKeyId: 'AKIASECOND' })
    await upstream.close()
  })

  it('is none where there is none', async () => {
    await expect(keyOf(config)).rejects.toMatchObject({
      kind: 'upstream_credential',
      message: expect.stringContaining('the default chain of AWS finds none'),
    })
  })
})

describe('a role', () => {
  const role = {
    roleArn: 'arn:aws:iam::123456789012:role/weir',
    sessionName: 'weir',
    externalId: 'ext-1',
  }
  const own = { id: 'env:A', secret: 'env:B' }

  it('is assumed by a call that our own key has signed', async () => {
    const { key, calls } = await keyFrom({ '/': roleXml('AssumeRole') }, (origin) => ({
      ...config,
      accessKey: own,
      assumeRole: { ...role, endpoint: origin },
    }))
    expect(key).toEqual({
      accessKeyId: 'ASIATEMP',
      secretAccessKey: 'temporary-secret',
      sessionToken: 'temporary-token',
    })
    const call = readRawCall(calls[0] ?? '')
    expect(call.headers['accept']).toBe('text/xml')
    expect(Object.fromEntries(new URLSearchParams(call.body))).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: role.roleArn,
      RoleSessionName: 'weir',
      ExternalId: 'ext-1',
    })
    expect(call.headers['authorization']).toBe(
      awsSignature(call, { id: 'AKIAOWN', secret: 'own-secret' }, 'eu-central-1', 'sts'),
    )
  })

  it('L1: is refused in AWS’s own word, without its sentence and without secrets', async () => {
    const body =
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>User own-secret may not</Message></Error></ErrorResponse>'
    const thrown = await keyFrom(
      { '/': body },
      (origin) => ({ ...config, accessKey: own, assumeRole: { ...role, endpoint: origin } }),
      '403 Forbidden',
    ).catch((error: unknown) => error)
    expect(thrown).toMatchObject({ kind: 'upstream_credential', providerCode: 'AccessDenied' })
    expect(String(thrown)).not.toContain('secret')
  })
})

function roleXml(action: string): string {
  const { AccessKeyId, SecretAccessKey, Expiration } = temporary
  const credentials = `<AccessKeyId>${AccessKeyId}</AccessKeyId><SecretAccessKey>${SecretAccessKey}</SecretAccessKey><SessionToken>temporary-token</SessionToken><Expiration>${Expiration}</Expiration>`
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials>${credentials}</Credentials></${action}Result></${action}Response>`
}

async function keyOf(settings: BedrockConfig, way: NetworkSettings = network): Promise<AwsKey> {
  const clock = turnedClock()
  const upstream = openUpstream({ clock })
  try {
    return await openAwsIdentity('it', settings, way, secrets)({ clock, upstream })
  } finally {
    await upstream.close()
  }
}

/** @param answers by path. */
async function keyFrom(
  answers: Readonly<Record<string, object | string>>,
  settingsAt: (origin: string) => BedrockConfig,
  status = '200 OK',
) {
  await using raw = await openRawUpstream({
    onCall: (socket, call) => {
      const answer = answers[readRawCall(call).path.split('?')[0] ?? ''] ?? ''
      const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
      socket.write(wholeAnswer(text).replace('200 OK', status))
    },
  })
  const key = await keyOf(settingsAt(raw.origin))
  return { key, calls: [...raw.calls] }
}
