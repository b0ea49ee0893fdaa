import type { JWTOptions } from 'google-auth-library'
import { GatewayError } from '../../canonical/error.ts'
import { fetchOver, networkOfTokens } from '../ask.ts'
import { noCredential, openExpiring, type Expiring } from '../expiring.ts'
import type { AuthorizationMeans, NetworkSettings } from '../provider.ts'
import { readServiceAccount } from './service-account.ts'

const scopes = ['https://www.googleapis.com/auth/cloud-platform']

/**
 * Access tokens of Google Cloud, by Google's own library, which is loaded when the first is wanted.
 * @param serviceAccount the JSON key. Without one: the credentials of the machine, as the library finds them (a file that
 *   `GOOGLE_APPLICATION_CREDENTIALS` names, workload identity federation among them, those of `gcloud`, the metadata server).
 */
export function openGoogleTokens(
  name: string,
  project: string,
  network: NetworkSettings,
  serviceAccount: string | undefined,
): (means: AuthorizationMeans) => Promise<string> {
  const way = { name, network: networkOfTokens(network, false) }
  return openExpiring(name, async ({ upstream }, ending) => {
    const options: JWTOptions = {
      // When a new one is due, the gateway decides.
      eagerRefreshThresholdMillis: Number.MAX_SAFE_INTEGER,
      transporterOptions: { fetchImplementation: fetchOver(upstream, way, ending), retry: false },
    }
    try {
      return serviceAccount === undefined
        ? await tokenOfMachine(project, options)
        : await tokenOfServiceAccount(serviceAccount, options)
    } catch (thrown) {
      const known = [thrown, thrown instanceof Error ? thrown.cause : undefined].find(isOurs)
      throw known ?? noCredential(`Google gives no token (${reasonOf(thrown)})`, codeOf(thrown))
    }
  })
}

/** Ours may come back wrapped in the library's. */
function isOurs(thrown: unknown): thrown is GatewayError {
  return thrown instanceof GatewayError
}

async function tokenOfServiceAccount(json: string, options: JWTOptions): Promise<Expiring<string>> {
  const account = readServiceAccount(json)
  if (!account.ok) throw noCredential(account.reason)
  const { JWT } = await import('google-auth-library')
  const client = new JWT({ ...options, ...account.value, scopes })
  const { access_token: accessToken, expiry_date: expiresAtMs } = await client.authorize()
  return told(accessToken, expiresAtMs)
}

async function tokenOfMachine(projectId: string, options: JWTOptions): Promise<Expiring<string>> {
  const { GoogleAuth } = await import('google-auth-library')
  // Left to itself, the library asks Google which project it is.
  const client = await new GoogleAuth({ projectId, scopes, clientOptions: options }).getClient()
  const { token } = await client.getAccessToken()
  return told(token, client.credentials.expiry_date)
}

function told(accessToken: string | null | undefined, expiresAtMs: number | null | undefined): Expiring<string> {
  if (typeof accessToken !== 'string' || accessToken === '') throw noCredential('Google gives no token')
  return { value: accessToken, expiresAtMs: expiresAtMs ?? Infinity }
}

/** Errors of the library quote what they were answered; only words of published lists are told on. */
function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown)
  if (code !== undefined) return code
  const message = thrown instanceof Error ? thrown.message : ''
  if (message.includes('Could not load the default credentials')) return 'this machine has no credentials'
  return 'see whether the credentials are whole and the network leads to Google'
}

/** OAuth's own words for a refusal: `invalid_grant`. */
function codeOf(thrown: unknown): string | undefined {
  const message = thrown instanceof Error ? thrown.message : ''
  return /^(invalid_[a-z]+|unauthorized_client|unsupported_grant_type|access_denied)\b/.exec(message)?.[1]
}
