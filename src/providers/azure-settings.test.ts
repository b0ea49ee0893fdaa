import { describe, expect, it } from 'vitest'
import { identityRefs } from './identity-refs.ts'
import { providerSettings } from './settings.ts'

const key = { credentials: { apiKey: 'env:KEY' } }
const directory = { tenantId: 't', clientId: 'c' }
const workload = { kind: 'workload-identity', ...directory, tokenFile: '/t' }
const app = { kind: 'client-secret', ...directory, clientSecret: 'env:SECRET' }

describe('settings of azure', () => {
  it.each([
    ['a resource and a key', { resource: 'my-company', ...key }],
    ['an address and keys', { baseUrl: 'https://h/a', credentials: [{ apiKey: 'env:A' }, { apiKey: 'env:B' }] }],
    ['a version', { resource: 'r', api: 'deployments', apiVersion: '2024-12-01-preview', ...key }],
    ['an application', { resource: 'r', entra: app, scope: 'https://ai.azure.com/.default' }],
    ['a workload', { resource: 'r', entra: workload }],
    ['a machine', { resource: 'r', entra: { kind: 'managed-identity' } }],
  ])('take %s', (_name, settings) => {
    expect(problemsOf(settings)).toEqual([])
  })

  it.each([
    ['neither resource nor address', key, 'resource'],
    ['both', { resource: 'r', baseUrl: 'https://h', ...key }, 'resource'],
    ['a resource that would be another host', { resource: 'evil.example/', ...key }, 'resource'],
    ['no credential at all', { resource: 'r' }, 'credentials'],
    ['two kinds of credential', { resource: 'r', ...key, entra: app }, 'credentials'],
    ['a version without effect', { resource: 'r', ...key, api: 'anthropic', apiVersion: 'preview' }, 'apiVersion'],
    ['a scope without effect', { resource: 'r', ...key, scope: 'https://x/.default' }, 'scope'],
    ['a version that would be another path', { resource: 'r', ...key, apiVersion: '1&x=/' }, 'apiVersion'],
    ['a secret in the config', { resource: 'r', entra: { ...app, clientSecret: 'plain' } }, 'entra.clientSecret'],
    ['a tenant that would be another path', { resource: 'r', entra: { ...app, tenantId: '../x' } }, 'entra.tenantId'],
    ['a file somewhere', { resource: 'r', entra: { ...workload, tokenFile: 't' } }, 'entra.tokenFile'],
    ['an unknown way', { resource: 'r', entra: { kind: 'magic' } }, 'entra.kind'],
  ])('refuse %s', (_name, settings, path) => {
    expect(problemsOf(settings)).toContain(path)
  })

  it('say which secrets they refer to', () => {
    const refsOf = (entra: object) => identityRefs(providerSettings.parse({ kind: 'azure', resource: 'r', entra }))
    expect(refsOf(app)).toEqual([{ path: ['entra', 'clientSecret'], ref: 'env:SECRET' }])
    expect(refsOf({ kind: 'managed-identity', endpointHeader: 'env:H' })).toEqual([
      { path: ['entra', 'endpointHeader'], ref: 'env:H' },
    ])
    expect(refsOf({ kind: 'managed-identity' })).toEqual([])
  })
})

function problemsOf(settings: object): readonly string[] {
  const parsed = providerSettings.safeParse({ kind: 'azure', ...settings })
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'))
}
