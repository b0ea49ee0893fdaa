import { ask, networkOfTokens } from '../ask.ts'
import type { BedrockConfig } from '../bedrock-settings.ts'
import { noCredential, type Expiring } from '../expiring.ts'
import type { Told } from '../hear-whole.ts'
import type { AuthorizationMeans, NetworkSettings } from '../provider.ts'
import { signCall, type AwsKey } from './sign-call.ts'

type Role = NonNullable<BedrockConfig['assumeRole']>

/** AWS docs, "AssumeRole" of the Security Token Service, API version 2011-06-15, read 2026-11. */
export async function assumeRole(
  name: string,
  { roleArn, externalId, sessionName, endpoint }: Role,
  region: string,
  network: NetworkSettings,
  key: AwsKey,
  { clock, upstream }: AuthorizationMeans,
  ending: AbortSignal,
): Promise<Expiring<AwsKey>> {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const { origin, pathname } = new URL(endpoint ?? `https://sts.${region}.${domain}`)
  const body = new URLSearchParams({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    ...(externalId !== undefined && { ExternalId: externalId }),
  }).toString()
  const headers = ['content-type', 'application/x-www-form-urlencoded']
  const call = { origin, method: 'POST', path: pathname, headers, body: Buffer.from(body) } as const
  const signed = await signCall(call, key, { region, service: 'sts' }, clock.nowMs())
  return readKey(
    await ask(
      // Who accepts JSON is answered in JSON.
      { method: 'POST', url: `${origin}${pathname}`, headers: [...headers, ...signed], accept: 'text/xml', body },
      upstream,
      { name, network: networkOfTokens(network, endpoint !== undefined) },
      ending,
    ),
  )
}

function readKey({ status, body }: Told): Expiring<AwsKey> {
  const text = body.toString('utf8')
  const [accessKeyId, secretAccessKey, sessionToken, expiration] = [
    /<AccessKeyId>([^<]+)</.exec(text)?.[1],
    /<SecretAccessKey>([^<]+)</.exec(text)?.[1],
    /<SessionToken>([^<]+)</.exec(text)?.[1],
    /<Expiration>([^<]+)</.exec(text)?.[1],
  ]
  const expiresAtMs = Date.parse(expiration ?? '')
  if (status !== 200 || accessKeyId === undefined || secretAccessKey === undefined || Number.isNaN(expiresAtMs)) {
    // The sentence names accounts and users; the code is one of a published list.
    const code = /<Code>([A-Za-z]{1,64})<\/Code>/.exec(text)?.[1]
    throw noCredential(`AWS gives no role, and answered ${status}${code === undefined ? '' : `, ${code}`}`, code)
  }
  return { value: { accessKeyId, secretAccessKey, sessionToken }, expiresAtMs }
}
