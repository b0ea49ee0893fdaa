import { expect, it } from 'vitest'
import { requireCertificateChecks } from './certificate-checks.ts'
import { SetupProblem } from './setup-problem.ts'

it.each([[undefined], [''], ['1'], ['false']])('certificates are checked where Node is told %j', (said) => {
  expect(() => requireCertificateChecks({ NODE_TLS_REJECT_UNAUTHORIZED: said })).not.toThrow()
})

it('nothing begins where Node is told not to check certificates', () => {
  expect(() => requireCertificateChecks({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toThrow(SetupProblem)
})
