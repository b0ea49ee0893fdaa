import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import { z } from 'zod'
import type { ConfigSources } from './sources.ts'

/** A file by reference. Relative paths begin at the folder of the config file. */
export const fileRef = z
  .string()
  .max(4_096)
  .regex(/^file:./, 'must name a file, such as file:certs/weir.pem')

/** Older versions are broken (RFC 8996), and cannot be switched on. */
export const tlsVersion = z.enum(['TLSv1.2', 'TLSv1.3'])
export type TlsVersion = z.infer<typeof tlsVersion>

/** The bundle of a whole operating system has 230 KB. */
const certificatesSizeLimitBytes = 1024 * 1024
const keySizeLimitBytes = 64 * 1024
/** A certificate that ends within this time is told at load. */
const soonMs = 14 * 24 * 60 * 60 * 1000

/** What is wrong with one of the files. `isAbsent`: it is not there, or not yet. */
export interface TlsFileProblem {
  /** The setting that names the file. */
  readonly key: string
  readonly reason: string
  readonly isAbsent: boolean
}

/** A certificate with its chain, and the private key that belongs to it; both PEM. */
export interface TlsIdentity {
  readonly certificate: string
  readonly key: string
}

/** What was read of the files of a certificate, or why it cannot be used. */
export type TlsFile<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly TlsFileProblem[] }

/**
 * Reads a certificate and its key, and holds them against each other: a pair that does not fit would only be noticed by
 * whoever connects.
 */
export function readIdentity(
  refs: { readonly cert: string; readonly key: string },
  sources: ConfigSources,
  nowMs: number,
): TlsFile<TlsIdentity> {
  const chain = readCertificates('cert', refs.cert, sources)
  const key = readKey(refs.key, sources)
  if (!chain.ok || !key.ok)
    return { ok: false, problems: [...(chain.ok ? [] : chain.problems), ...(key.ok ? [] : key.problems)] }
  const [own] = chain.value.certificates
  if (!own?.checkPrivateKey(key.value.key))
    return failed('key', `${nameOf(refs.key)} is not the key of the certificate in ${nameOf(refs.cert)}`)
  const value = { certificate: chain.value.text, key: key.value.text }
  try {
    createSecureContext({ cert: value.certificate, key: value.key })
  } catch (thrown) {
    return failed('cert', `${nameOf(refs.cert)} cannot be used (${codeOf(thrown)})`)
  }
  return { ok: true, value, warnings: endingWarnings(own, nameOf(refs.cert), nowMs) }
}

/** Reads the certificates of authorities: one or more, PEM. */
export function readAuthorities(key: string, ref: string, sources: ConfigSources, nowMs: number): TlsFile<string> {
  const read = readCertificates(key, ref, sources)
  if (!read.ok) return read
  const other = read.value.certificates.find((certificate) => !certificate.ca && !certificate.checkIssued(certificate))
  // Trusting one server's own certificate would hold until it is renewed, and then fail.
  if (other)
    return failed(key, `${nameOf(ref)} holds a certificate that is not an authority's; name the one that signed it`)
  const warnings = read.value.certificates.flatMap((certificate) => endingWarnings(certificate, nameOf(ref), nowMs))
  return { ok: true, value: read.value.text, warnings }
}

interface Certificates {
  readonly text: string
  readonly certificates: readonly X509Certificate[]
}

type Read<T> = { readonly ok: true; readonly value: T } | Extract<TlsFile<T>, { ok: false }>

function readCertificates(key: string, ref: string, sources: ConfigSources): Read<Certificates> {
  const file = sources.openFile(resolve(sources.baseDir, nameOf(ref)), certificatesSizeLimitBytes)
  if (!file.ok) return failed(key, file.reason, file.cause === 'absent')
  const text = file.bytes.toString('latin1')
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g)
  if (!blocks) return failed(key, `${nameOf(ref)} holds no certificate in PEM form`)
  try {
    const certificates = blocks.map((block) => new X509Certificate(block))
    return { ok: true, value: { text: blocks.map((block) => `${block}\n`).join(''), certificates } }
  } catch (thrown) {
    return failed(key, `${nameOf(ref)} holds a certificate that cannot be read (${codeOf(thrown)})`)
  }
}

function readKey(ref: string, sources: ConfigSources): Read<{ readonly text: string; readonly key: KeyObject }> {
  const file = sources.privateFile(resolve(sources.baseDir, nameOf(ref)), keySizeLimitBytes)
  if (!file.ok) return failed('key', file.reason, file.cause === 'absent')
  const text = file.bytes.toString('latin1')
  if (text.includes('ENCRYPTED'))
    return failed(
      'key',
      `${nameOf(ref)} is locked with a passphrase; name a key without one, readable by its owner only`,
    )
  try {
    return { ok: true, value: { text, key: createPrivateKey(text) } }
  } catch {
    // The reason would be told in the words of the parser, about a text that is a secret.
    return failed('key', `${nameOf(ref)} holds no private key in PEM form`)
  }
}

function endingWarnings(certificate: X509Certificate, fileName: string, nowMs: number): readonly string[] {
  const endsAtMs = certificate.validToDate.getTime()
  const day = certificate.validToDate.toISOString().slice(0, 10)
  if (endsAtMs <= nowMs) return [`${fileName}: the certificate ended on ${day}; the other side will refuse it`]
  if (endsAtMs - nowMs < soonMs) return [`${fileName}: the certificate ends on ${day}`]
  return []
}

function nameOf(ref: string): string {
  return ref.slice('file:'.length)
}

function failed(key: string, reason: string, isAbsent = false): Extract<TlsFile<never>, { ok: false }> {
  return { ok: false, problems: [{ key, reason, isAbsent }] }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown error'
}
