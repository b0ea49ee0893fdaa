import { GatewayError } from '../../canonical/error.ts'
import { networkOfTokens } from '../ask.ts'
import type { BedrockConfig } from '../bedrock-settings.ts'
import { noCredential, openExpiring, type Expiring } from '../expiring.ts'
import type { AuthorizationMeans, NetworkSettings } from '../provider.ts'
import { assumeRole } from './assume-role.ts'
import { handlerOver } from './aws-handler.ts'
import type { AwsKey } from './sign-call.ts'

/** A key that does not say when it expires is looked up again after this: files are rewritten. */
const readAgainMs = 15 * 60_000

/**
 * The key that signs: one that is configured, or what AWS's own library finds (environment, shared files, SSO, web identity,
 * containers, the metadata server), which is loaded when the first call wants it. A role is assumed with it where one is named.
 * @param secrets what the references in the settings lead to: `accessKey.id`, `accessKey.secret`, `accessKey.sessionToken`.
 */
export function openAwsIdentity(
  name: string,
  { region, accessKey, profile, assumeRole: role }: BedrockConfig,
  network: NetworkSettings,
  secrets: Readonly<Record<string, string>>,
): (means: AuthorizationMeans) => Promise<AwsKey> {
  // Where its services are is the library's to know, and the environment's: an endpoint in one's own network has the public name.
  const way = { name, network: { ...networkOfTokens(network, true), isPrivate: true } }
  const own: (means: AuthorizationMeans) => Promise<AwsKey> = accessKey
    ? async () => ({
        accessKeyId: secrets['accessKey.id'] ?? '',
        secretAccessKey: secrets['accessKey.secret'] ?? '',
        sessionToken: accessKey.sessionToken === undefined ? undefined : secrets['accessKey.sessionToken'],
      })
    : openExpiring(name, ({ clock, upstream }, ending) =>
        keyOfChain(region, profile, handlerOver(upstream, way, ending), clock.nowMs()),
      )
  if (!role) return own
  return openExpiring(name, async (means, ending) =>
    assumeRole(name, role, region, network, await own(means), means, ending),
  )
}

async function keyOfChain(
  region: string,
  profile: string | undefined,
  requestHandler: ReturnType<typeof handlerOver>,
  nowMs: number,
): Promise<Expiring<AwsKey>> {
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
  try {
    const found = await defaultProvider({
      ...(profile !== undefined && { profile }),
      clientConfig: { region, requestHandler },
    })()
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = found
    return {
      value: { accessKeyId, secretAccessKey, sessionToken },
      expiresAtMs: expiration?.getTime() ?? nowMs + readAgainMs,
    }
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown
    // The library's sentences name files and addresses of ours.
    const cause = thrown instanceof Error ? thrown : undefined
    throw noCredential('the default chain of AWS finds none', undefined, cause)
  }
}
