import { resolve } from 'node:path'
import { z } from 'zod'
import type { ConfigSources } from './sources.ts'

const sentence = 'write env:NAME or file:PATH; secrets are never written into the config'

/** A reference to a secret, `env:NAME` or `file:PATH`. Paths are relative to the folder of the config file. */
export const secretRef = z
  .string({ error: sentence })
  .max(4_096, sentence)
  .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, sentence)
  .describe('A reference to a secret: `env:NAME` or `file:PATH`.')

/** An API key is under 1 KiB, a connection string under 4. */
export const secretSizeLimitBytes = 16 * 1024

/** A `line` is sent in headers, where nothing but printable characters may stand. A `text` is read, such as a JSON key. */
export type SecretForm = 'line' | 'text'

export type ResolvedSecret =
  | { readonly ok: true; readonly value: string }
  /** A sentence that names the variable or the file, and never the value. */
  | { readonly ok: false; readonly reason: string }

/**
 * Fetches the secret behind a reference. Only references of the config file come here, never those of an API body
 * (failures.md A3).
 */
export function resolveSecret(ref: string, sources: ConfigSources, form: SecretForm = 'line'): ResolvedSecret {
  if (!secretRef.safeParse(ref).success) return { ok: false, reason: sentence }
  const name = ref.slice(ref.indexOf(':') + 1)
  return ref.startsWith('env:') ? fromEnvironment(name, sources, form) : fromFile(name, sources, form)
}

function fromEnvironment(name: string, sources: ConfigSources, form: SecretForm): ResolvedSecret {
  const value = sources.variable(name)
  if (value === undefined) return { ok: false, reason: `the environment variable ${name} is not set` }
  if (Buffer.byteLength(value) > secretSizeLimitBytes)
    return { ok: false, reason: `the environment variable ${name} is longer than ${secretSizeLimitBytes} bytes` }
  return checked(value, `the environment variable ${name}`, form)
}

function fromFile(name: string, sources: ConfigSources, form: SecretForm): ResolvedSecret {
  const path = resolve(sources.baseDir, name)
  const file = sources.privateFile(path, secretSizeLimitBytes)
  if (!file.ok) return { ok: false, reason: file.reason }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(file.bytes)
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown
    return { ok: false, reason: `the file ${path} is not UTF-8 text` }
  }
  // Editors and `echo` end a file with a newline that belongs to the file, not to the secret.
  return checked(text.replace(/\r?\n$/, ''), `the file ${path}`, form)
}

function checked(value: string, what: string, form: SecretForm): ResolvedSecret {
  if (value === '') return { ok: false, reason: `${what} is empty` }
  if (form === 'text') return { ok: true, value }
  if (/[\r\n]/.test(value)) return { ok: false, reason: `${what} holds a line break inside the secret; remove it` }
  if (/\p{Cc}/u.test(value)) return { ok: false, reason: `${what} holds a control character; remove it` }
  if (value.trim() !== value) return { ok: false, reason: `${what} begins or ends with a space; remove it` }
  return { ok: true, value }
}
