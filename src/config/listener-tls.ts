import type { SecureContextOptions, TlsOptions } from 'node:tls'
import { z } from 'zod'
import type { ConfigSources } from './sources.ts'
import { fileRef, readAuthorities, readIdentity, tlsVersion, type TlsFile, type TlsIdentity } from './tls-files.ts'
import type { TlsVersion } from './tls-files.ts'

/** The `tls:` of a listener. */
export const listenerTlsSettings = z
  .strictObject({
    cert: fileRef.describe('The certificate in PEM form, with its chain behind it, as `file:PATH`.'),
    key: fileRef.describe('Its private key in PEM form, as `file:PATH`. Readable by its owner only.'),
    clientCa: fileRef
      .describe('Only clients whose certificate these authorities signed may connect. `file:PATH`, PEM.')
      .optional(),
    minVersion: tlsVersion.describe('The oldest version that is spoken. Default TLSv1.2.').default('TLSv1.2'),
  })
  .describe('TLS at this listener. Without it, plain HTTP.')

export type ListenerTlsSettings = z.infer<typeof listenerTlsSettings>

/** What a listener with TLS shows and asks for. */
export interface ListenerTls extends TlsIdentity {
  /** PEM. When it is there, every client must show a certificate that one of these signed. */
  readonly clientAuthorities: string | undefined
  readonly minVersion: TlsVersion
}

/** Reads the files behind the settings. */
export function readListenerTls(
  settings: ListenerTlsSettings,
  sources: ConfigSources,
  nowMs: number,
): TlsFile<ListenerTls> {
  const identity = readIdentity(settings, sources, nowMs)
  const authorities =
    settings.clientCa === undefined ? undefined : readAuthorities('clientCa', settings.clientCa, sources, nowMs)
  if (!identity.ok || authorities?.ok === false)
    return {
      ok: false,
      problems: [...(identity.ok ? [] : identity.problems), ...(authorities?.ok === false ? authorities.problems : [])],
    }
  return {
    ok: true,
    value: { ...identity.value, clientAuthorities: authorities?.value, minVersion: settings.minVersion },
    warnings: [...identity.warnings, ...(authorities?.warnings ?? [])],
  }
}

/**
 * What of a listener's TLS cannot change while it listens; certificates, keys, authorities and versions can.
 * @returns words to compare, such as `TLS with client certificates`.
 */
export function tlsMode(settings: ListenerTlsSettings | undefined): string {
  if (!settings) return 'no TLS'
  return settings.clientCa === undefined ? 'TLS' : 'TLS with client certificates'
}

/** How long a client may take for its handshake, in milliseconds (failures.md N7). */
export const handshakeMs = 10_000

/** What a TLS server is opened with. */
export function tlsServerOptions(tls: ListenerTls): TlsOptions {
  return {
    ...changeableOptions(tls),
    handshakeTimeout: handshakeMs,
    ALPNProtocols: ['http/1.1'],
    requestCert: tls.clientAuthorities !== undefined,
    // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED has no say.
    rejectUnauthorized: true,
  }
}

/** What can be changed while a server listens, for `setSecureContext`. */
export function changeableOptions(tls: ListenerTls): SecureContextOptions {
  return {
    cert: tls.certificate,
    key: tls.key,
    minVersion: tls.minVersion,
    ...(tls.clientAuthorities === undefined ? {} : { ca: tls.clientAuthorities }),
  }
}
