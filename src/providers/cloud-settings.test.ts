import { describe, expect, it } from 'vitest'
import { identityRefs, neededPackages } from './identity-refs.ts'
import { providerSettings } from './settings.ts'

const key = { accessKey: { id: 'env:ID', secret: 'env:SECRET' } }
const roleArn = 'arn:aws:iam::123456789012:role/team/weir'

describe('settings of vertex', () => {
  it('take a project, and fill in the location', () => {
    expect(providerSettings.parse({ kind: 'vertex', project: 'my-project' })).toEqual({
      kind: 'vertex',
      project: 'my-project',
      location: 'global',
    })
  })

  it.each([
    ['no project', {}, 'project'],
    ['a project that would be another path', { project: 'a/../b' }, 'project'],
    ['a location that would be another host', { project: 'p', location: 'evil.example/' }, 'location'],
    ['a key in the config', { project: 'p', serviceAccount: '{}' }, 'serviceAccount'],
    ['API keys, which it does not know', { project: 'p', credentials: { apiKey: 'env:A' } }, ''],
  ])('refuse %s', (_name, settings, path) => {
    expect(problemsOf({ kind: 'vertex', ...settings })).toContain(path)
  })
})

describe('settings of bedrock', () => {
  it.each([
    ['the default chain', {}],
    ['a profile', { profile: 'work' }],
    ['keys of its own', { credentials: [{ apiKey: 'env:A' }] }],
    ['a key of AWS', key],
    ['a role', { ...key, assumeRole: { roleArn, externalId: 'a:b/c', sessionName: 'me', endpoint: 'https://h' } }],
    ['another region', { region: 'us-gov-west-1' }],
  ])('take %s', (_name, settings) => {
    expect(problemsOf({ kind: 'bedrock', region: 'eu-central-1', ...settings })).toEqual([])
  })

  it.each([
    ['no region', { region: undefined }, 'region'],
    ['a region that would be another host', { region: 'eu-central-1.evil' }, 'region'],
    ['two kinds of credential', { ...key, credentials: { apiKey: 'env:A' } }, 'accessKey'],
    ['a profile without effect', { ...key, profile: 'work' }, 'profile'],
    ['a role without effect', { credentials: { apiKey: 'env:A' }, assumeRole: { roleArn } }, 'assumeRole'],
    ['a role of another form', { assumeRole: { roleArn: 'weir' } }, 'assumeRole.roleArn'],
    ['a secret in the config', { accessKey: { id: 'AKIA', secret: 'env:A' } }, 'accessKey.id'],
  ])('refuse %s', (_name, settings, path) => {
    expect(problemsOf({ kind: 'bedrock', region: 'eu-central-1', ...settings })).toContain(path)
  })
})

describe('what a cloud’s credentials need', () => {
  const parsed = (settings: object) => providerSettings.parse({ region: 'eu-central-1', kind: 'bedrock', ...settings })

  it('is a package where no key is configured', () => {
    expect(neededPackages(parsed({}))).toEqual(['@aws-sdk/credential-provider-node'])
    expect(neededPackages(parsed(key))).toEqual([])
    expect(neededPackages(parsed({ credentials: { apiKey: 'env:A' } }))).toEqual([])
    expect(neededPackages(providerSettings.parse({ kind: 'vertex', project: 'p' }))).toEqual(['google-auth-library'])
  })

  it('is every secret that the settings refer to', () => {
    const accessKey = { ...key.accessKey, sessionToken: 'env:TOKEN' }
    expect(identityRefs(parsed({ accessKey })).map(({ path, ref }) => [path.join('.'), ref])).toEqual([
      ['accessKey.id', 'env:ID'],
      ['accessKey.secret', 'env:SECRET'],
      ['accessKey.sessionToken', 'env:TOKEN'],
    ])
    expect(identityRefs(parsed({}))).toEqual([])
  })
})

function problemsOf(settings: object): readonly string[] {
  const parsed = providerSettings.safeParse(settings)
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'))
}
