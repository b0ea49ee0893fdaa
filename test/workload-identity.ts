import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What a machine knows that may exchange its platform's token for one of Google's.
 * @param tokenUrl where it does.
 * @returns the file that `GOOGLE_APPLICATION_CREDENTIALS` names.
 */
export function writeWorkloadIdentity(dir: string, tokenUrl: string): string {
  const [subject, credentials] = [join(dir, 'subject'), join(dir, 'adc.json')]
  writeFileSync(subject, 'platform.jwt')
  writeFileSync(
    credentials,
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: tokenUrl,
      credential_source: { file: subject },
    }),
  )
  return credentials
}
