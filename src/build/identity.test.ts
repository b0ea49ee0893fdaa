import { describe, expect, it } from 'vitest'
import { sourcesOnDisk } from '../config/sources.ts'
import { providerSettings } from '../providers/settings.ts'
import { openIdentity } from './identity.ts'
import type { Reports } from './network-files.ts'

const vertex = providerSettings.parse({ kind: 'vertex', project: 'p', serviceAccount: 'env:ACCOUNT' })
const account = JSON.stringify(
  { type: 'service_account', client_email: 'a@b', private_key: '-----BEGIN X' },
  undefined,
  2,
)

describe('by which secrets a provider is somebody', () => {
  it('is read with all its lines', () => {
    const { told, problems } = identityOf({ ACCOUNT: account })
    expect([told, problems]).toEqual([{ serviceAccount: account }, []])
  })

  it('L1: is told when it is broken, without a word of it', () => {
    const { problems } = identityOf({ ACCOUNT: '{"private_key":"secret-in-it"}' })
    expect(problems).toEqual([
      'providers.it.serviceAccount: the JSON key of the service account has no valid type, client_email, private_key',
    ])
  })

  it('is missed at a start, and only told of at a check', () => {
    const reason = 'providers.it.serviceAccount: the environment variable ACCOUNT is not set'
    expect(identityOf({}).problems).toEqual([reason])
    const checked = identityOf({}, false)
    expect([checked.problems, checked.warnings]).toEqual([[], [reason]])
  })

  it('is not enough where the package is missing that knows what to do with it', () => {
    const missing =
      'providers.it.kind: needs the package google-auth-library, which is not installed; run: npm install google-auth-library'
    expect(identityOf({ ACCOUNT: account }, true, () => false).problems).toEqual([missing])
    const checked = identityOf({ ACCOUNT: account }, false, () => false)
    expect([checked.problems, checked.warnings]).toEqual([[], [missing]])
  })
})

function identityOf(env: Record<string, string>, mustHaveSecrets = true, isInstalled?: (name: string) => boolean) {
  const problems: string[] = []
  const warnings: string[] = []
  const reports: Reports = {
    sources: sourcesOnDisk(env, '/nowhere'),
    mustHaveSecrets,
    nowMs: 0,
    problem: (path, message) => void problems.push(`${path.join('.')}: ${message}`),
    warning: (message) => void warnings.push(message),
  }
  return { told: openIdentity('it', vertex, reports, isInstalled), problems, warnings }
}
