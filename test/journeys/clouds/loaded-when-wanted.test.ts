import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('a start loads no library of any cloud, and a call what it wants', async () => {
  const script = join(import.meta.dirname, 'loaded-modules.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 50_000 })
  const told = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
  expect(told).toMatchObject({ atStart: [], status: 502 })
  expect(told['afterCall']).toContain('@smithy/signature-v4')
  expect(told['afterCall']).not.toContain('google-auth-library')
  expect(told['afterCall']).not.toContain('@aws-sdk/credential-provider-node')
})
