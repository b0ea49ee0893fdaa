import { z } from 'zod'
import { secretRef } from './secrets.ts'
import { fileRef, tlsVersion } from './tls-files.ts'
import { exceptionProblem } from './proxy-exceptions.ts'

const proxyUrl = z
  .string()
  .superRefine((text, context) => {
    const problem = proxyUrlProblem(text)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .meta({ format: 'uri' })
  .describe('An HTTP proxy, such as http://proxy.example:3128. Every connection is a tunnel through it (CONNECT).')

const proxy = z
  .union([
    proxyUrl,
    z.strictObject({
      url: proxyUrl,
      login: secretRef
        .describe('Who we are to the proxy: a reference to `user:password`. Sent as Basic authentication.')
        .optional(),
      except: z
        .array(
          z.string().superRefine((text, context) => {
            const problem = exceptionProblem(text)
            if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
          }),
        )
        .max(256)
        .describe(
          'Hosts that are connected to without the proxy: a name, `*.name`, an address, or a range such as 10.0.0.0/8.',
        )
        .optional(),
    }),
  ])
  .transform((given) => (typeof given === 'string' ? { url: given } : given))
  .describe('The proxy on the way to this provider. Default: none; no environment variable is read.')

const tls = z
  .strictObject({
    ca: fileRef
      .describe(
        'Only certificates that these authorities signed are trusted, and not those of the system. `file:PATH`, PEM.',
      )
      .optional(),
    systemCa: z
      .boolean()
      .describe(
        'Whether the authorities that Node knows are trusted beside `ca`. Default false; without `ca` they are.',
      )
      .optional(),
    cert: fileRef.describe('A certificate of ours, shown to the provider (mutual TLS). `file:PATH`, PEM.').optional(),
    key: fileRef.describe('The private key of `cert`, readable by its owner only. `file:PATH`, PEM.').optional(),
    servername: z
      .string()
      .regex(
        /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_-]{1,63})*$/,
        'must be a host name, such as llm.example.com',
      )
      .describe("The name in the provider's certificate, where it is not that of `baseUrl`.")
      .optional(),
    minVersion: tlsVersion.describe('The oldest version that is spoken. Default TLSv1.2.').optional(),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    path: ['cert'],
    message: '`cert` and `key` belong together: give both or neither',
  })
  .refine(({ ca, systemCa }) => systemCa === undefined || ca !== undefined, {
    path: ['systemCa'],
    message: 'has a meaning beside `ca` only',
  })
  .describe('TLS to this provider. The check of its certificate cannot be switched off.')

const anyNetwork = {
  connectTimeoutMs: z
    .int()
    .min(1)
    .max(60_000)
    .describe('The longest a connection may take, DNS, proxy and TLS included. Default 3,000.')
    .optional(),
  maxConnections: z
    .int()
    .min(1)
    .max(10_000)
    .describe(
      'The most connections for calls to this provider at once. Default 1,000. A realtime session has one of its own besides.',
    )
    .optional(),
  private: z
    .boolean()
    .describe(
      'Whether its name may lead to private addresses. Default: only where `baseUrl` is such an address, or `localhost`.',
    )
    .optional(),
}

/** For a provider in this process, or beside it. */
export const nearNetworkSettings = z.strictObject(anyNetwork).describe('The connections to this provider.')

export const networkSettings = z
  .strictObject({ ...anyNetwork, proxy: proxy.optional(), tls: tls.optional() })
  .describe('The connections to this provider.')

export type NetworkConfig = z.infer<typeof networkSettings>

function proxyUrlProblem(text: string): string | undefined {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:') return 'must be an http URL, such as http://proxy.example:3128'
  if (url.username !== '' || url.password !== '')
    return 'must not hold a user name or a password; they are given as `login`, by reference'
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return 'must end with the port'
  return undefined
}
