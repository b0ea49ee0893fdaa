import { isJsonObject } from '../../canonical/json.ts'
import { readOpenFile } from '../../config/private-file.ts'
import { ask, networkOfTokens, readTold, type Question } from '../ask.ts'
import type { EntraConfig } from '../azure-settings.ts'
import { noCredential, openExpiring, type Expiring } from '../expiring.ts'
import type { Told } from '../hear-whole.ts'
import type { AuthorizationMeans, NetworkSettings } from '../provider.ts'

/** Microsoft Learn, "Microsoft identity platform and the OAuth 2.0 client credentials flow", read 2026-11. */
const defaultAuthority = 'https://login.microsoftonline.com'
/** Microsoft Learn, "How to use managed identities on an Azure VM to acquire an access token", read 2026-11. */
const machineEndpoint = 'http://169.254.169.254/metadata/identity/oauth2/token'
/** Tokens of platforms are JWTs. */
const assertionLimitBytes = 16 * 1024

/**
 * Access tokens of Microsoft Entra ID, three ways: a client secret, a token that the platform writes into a file, the identity of
 * the machine. Each is one plain HTTP call.
 * @param secrets what the references in the settings lead to, by their dotted keys: `entra.clientSecret`.
 */
export function openEntraTokens(
  name: string,
  entra: EntraConfig,
  scope: string,
  network: NetworkSettings,
  secrets: Readonly<Record<string, string>>,
): (means: AuthorizationMeans) => Promise<string> {
  const question = (): Question => {
    switch (entra.kind) {
      case 'client-secret':
        return tokenQuestion(entra, scope, { client_secret: secrets['entra.clientSecret'] ?? '' })
      case 'workload-identity':
        return tokenQuestion(entra, scope, {
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: readAssertion(entra.tokenFile),
        })
      case 'managed-identity':
        return identityQuestion(entra, scope, entra.endpointHeader && (secrets['entra.endpointHeader'] ?? ''))
    }
  }
  // The identity of a machine is served on its own wire, where no proxy leads.
  const way =
    entra.kind === 'managed-identity'
      ? { connectTimeoutMs: network.connectTimeoutMs, maxConnections: 1, isPrivate: true }
      : networkOfTokens(network, entra.authority !== undefined)
  return openExpiring(name, async ({ clock, upstream }, ending) =>
    readToken(await ask(question(), upstream, { name, network: way }, ending), clock.nowMs()),
  )
}

function tokenQuestion(
  { tenantId, clientId, authority = defaultAuthority }: Exclude<EntraConfig, { kind: 'managed-identity' }>,
  scope: string,
  proof: Readonly<Record<string, string>>,
): Question {
  return {
    method: 'POST',
    url: `${authority.replace(/\/+$/, '')}/${tenantId}/oauth2/v2.0/token`,
    headers: ['content-type', 'application/x-www-form-urlencoded'],
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, scope, ...proof }).toString(),
  }
}

function readAssertion(path: string): string {
  const file = readOpenFile(path, assertionLimitBytes)
  if (!file.ok) throw noCredential("the workload's token cannot be read", undefined, new Error(file.reason))
  return file.bytes.toString('utf8').trim()
}

function identityQuestion(
  { clientId, endpoint = machineEndpoint }: Extract<EntraConfig, { kind: 'managed-identity' }>,
  scope: string,
  endpointHeader: string | undefined,
): Question {
  const query = new URLSearchParams({
    'api-version': endpointHeader === undefined ? '2018-02-01' : '2019-08-01',
    resource: scope.replace(/\/\.default$/, ''),
    ...(clientId !== undefined && { client_id: clientId }),
  })
  return {
    method: 'GET',
    url: `${endpoint}?${query}`,
    headers: endpointHeader === undefined ? ['metadata', 'true'] : ['x-identity-header', endpointHeader],
  }
}

function readToken({ status, body }: Told, nowMs: number): Expiring<string> {
  const value = readTold(body)
  const told = isJsonObject(value) ? value : {}
  const { access_token: accessToken, expires_in: lifeSeconds, expires_on: endSeconds, error } = told
  if (status !== 200 || typeof accessToken !== 'string' || accessToken === '') {
    // The description tells of tenants and applications; the code is one of a published list.
    const code = typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? error : undefined
    throw noCredential(`Entra ID answered ${status}${code === undefined ? '' : `, ${code}`}`, code)
  }
  // The machine's endpoint writes numbers as strings, and App Service tells only when the token ends.
  const life = Number(lifeSeconds ?? Number.NaN)
  const end = Number(endSeconds ?? Number.NaN)
  const expiresAtMs = Number.isFinite(life) ? nowMs + life * 1_000 : end * 1_000
  if (!Number.isFinite(expiresAtMs)) throw noCredential('Entra ID does not say how long its token lives')
  return { value: accessToken, expiresAtMs }
}
