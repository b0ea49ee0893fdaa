import { SetupProblem } from './setup-problem.ts'

/**
 * Node checks the certificate of whoever it calls, unless this variable says no: for the whole process, so that alerts and the admin key
 * would go to anybody who answers.
 * @throws SetupProblem where it says no.
 */
export function requireCertificateChecks(env: Readonly<Record<string, string | undefined>>): void {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0')
    throw new SetupProblem(
      'NODE_TLS_REJECT_UNAUTHORIZED is 0, which switches off the checks of certificates: unset it; NODE_EXTRA_CA_CERTS names an authority of your own',
    )
}
