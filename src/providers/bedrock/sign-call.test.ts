import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { awsSignature } from '../laws/aws-signature.ts'
import { signCall } from './sign-call.ts'

/** Of AWS's published test suite for Signature Version 4. */
const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const atMs = Date.UTC(2015, 7, 30, 12, 36)

describe('signing a call', () => {
  it('is checked by a computation that gives what AWS published (get-vanilla)', () => {
    const call = {
      method: 'GET',
      path: '/',
      headers: { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' },
      body: '',
    }
    expect(awsSignature(call, { id: key.accessKeyId, secret: key.secretAccessKey }, 'us-east-1', 'service')).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    )
  })

  it.each([
    ['a model of Amazon', '/model/us.amazon.nova-2-lite-v1%3A0/converse', '{"a":1}', undefined],
    [
      'an ARN',
      `/model/${encodeURIComponent('arn:aws:bedrock:us-east-1:1:inference-profile/a.b')}/invoke`,
      'ü',
      'token/+=',
    ],
    ['a base path and odd signs', "/base/model/a%20b!'()*~x/converse-stream", '', undefined],
  ])('gives the same as that computation for %s', async (_name, path, body, sessionToken) => {
    const headers = await signed(path, body, sessionToken)
    expect(headers['x-amz-date']).toBe('20150830T123600Z')
    expect(headers['x-amz-security-token']).toBe(sessionToken)
    expect(headers['authorization']).toBe(expected(path, body, headers))
  })

  it('does so for any model name and any body', async () => {
    await fc.assert(
      fc.asyncProperty(anyName, fc.string(), async (modelName, body) => {
        const path = `/model/${encodeURIComponent(modelName.toWellFormed())}/converse`
        const headers = await signed(path, body, undefined)
        expect(headers['authorization']).toBe(expected(path, body, headers))
      }),
    )
  })

  it('leaves out what a proxy may change', async () => {
    const headers = await signed('/', '', undefined)
    expect(headers['authorization']).toContain('SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date,')
  })

  it.each(['GET', 'DELETE'] as const)('signs no content type for a %s that has none', async (method) => {
    const path = '/guardrail/g/version/1'
    const headers = await signed(path, '', undefined, { method, headers: ['accept', 'content-type'] })
    expect(headers['authorization']).toContain('SignedHeaders=host;x-amz-content-sha256;x-amz-date,')
    expect(headers['authorization']).toBe(expected(path, '', headers, method))
  })

  it('signs every value of a name in the query', async () => {
    const path = '/async-invoke?a=1&a=2%3F&b=x%20y'
    const headers = await signed(path, '', undefined, { method: 'GET', headers: [] })
    expect(headers['authorization']).toBe(expected(path, '', headers, 'GET'))
  })
})

/** But for the two that no model can have (`routing/plan.ts`): in a path they are places. */
const anyName = fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => name !== '.' && name !== '..')

const asked = {
  method: 'POST',
  headers: ['user-agent', 'weir', 'content-type', 'application/json', 'accept', 'a/b'],
} as const

async function signed(
  path: string,
  body: string,
  sessionToken: string | undefined,
  more: Pick<Parameters<typeof signCall>[0], 'method' | 'headers'> = asked,
) {
  const call = {
    origin: 'https://bedrock-runtime.us-east-1.amazonaws.com',
    path,
    body: Buffer.from(body),
    ...more,
  }
  const flat = await signCall(call, { ...key, sessionToken }, { region: 'us-east-1', service: 'bedrock' }, atMs)
  return Object.fromEntries(flat.flatMap((name, place) => (place % 2 === 0 ? [[name, flat[place + 1] ?? '']] : [])))
}

function expected(path: string, body: string, headers: Readonly<Record<string, string>>, method = 'POST'): string {
  const type = method === 'POST' ? { 'content-type': 'application/json' } : {}
  const all = { ...headers, host: 'bedrock-runtime.us-east-1.amazonaws.com', ...type }
  const by = { id: key.accessKeyId, secret: key.secretAccessKey }
  return awsSignature({ method, path, headers: all, body }, by, 'us-east-1', 'bedrock')
}
