import { createHash, timingSafeEqual } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { randomBase62, type RandomBytes } from '../../canonical/base62.ts'
import { adminKeyText, keyLengths } from '../../canonical/key-form.ts'
import { createPrivateFile, readPrivateFile } from '../../config/private-file.ts'
import { SetupProblem } from '../../config/setup-problem.ts'

const leastLength = 20
/** A longer candidate is not even hashed. */
const greatestLength = 512

export interface AdminKeySources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The data directory; made when it does not exist. */
  readonly dataDir: string
  readonly random: RandomBytes
}

/** What the gateway knows of the key of the admin API: enough to know it again. */
export interface AdminKey {
  /** Whether this is the key of the administrator. Takes the same time wherever a wrong one differs. */
  verify(candidate: string): boolean
  /** The key, when it was made just now: show it to the person at the terminal, and nowhere else. */
  readonly shownOnce: string | undefined
}

/**
 * The key of the admin API. `WEIR_ADMIN_KEY` comes first; without it a key is generated at the first start, and only its
 * hash is kept, in `<data dir>/admin-key.hash`. Who lost it removes that file and starts again. There is no start without a key
 * and no default (failures.md A5).
 * @throws SetupProblem when the variable is short or publicly known, or the file is not as we left it.
 */
export function loadAdminKey({ env, dataDir, random }: AdminKeySources): AdminKey {
  const given = env['WEIR_ADMIN_KEY']
  if (given !== undefined) {
    refuseWeak(given)
    return adminKey(digestOf(given), undefined)
  }
  const path = join(dataDir, 'admin-key.hash')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const fresh = adminKeyText(randomBase62(keyLengths.adminSecret, random))
  if (createPrivateFile(path, Buffer.from(`${digestOf(fresh).toString('hex')}\n`))) {
    return adminKey(digestOf(fresh), fresh)
  }
  return adminKey(keptDigest(path), undefined)
}

function adminKey(digest: Buffer, shownOnce: string | undefined): AdminKey {
  return {
    shownOnce,
    // Digests are of one length and tell nothing of how much of the key was right (failures.md A9).
    verify: (candidate) => candidate.length <= greatestLength && timingSafeEqual(digestOf(candidate), digest),
  }
}

/** A plain digest will do, without a pepper or a slow hash: nobody guesses 256 random bits, and the other kind is not kept. */
function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function keptDigest(path: string): Buffer {
  const file = readPrivateFile(path, 128)
  if (!file.ok) throw new SetupProblem(`the admin key cannot be checked: ${file.reason}`)
  const hex = /^([0-9a-f]{64})\n?$/.exec(file.bytes.toString('latin1'))?.[1]
  if (hex === undefined)
    throw new SetupProblem(`the file ${path} is damaged; remove it, and a new admin key is made at the next start`)
  return Buffer.from(hex, 'hex')
}

function refuseWeak(key: string): void {
  const advice = 'unset it and a key is generated, or give 20 random characters or more (openssl rand -hex 24)'
  if (key === '') throw new SetupProblem(`WEIR_ADMIN_KEY is set but empty; ${advice}`)
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new SetupProblem(`WEIR_ADMIN_KEY holds a character that a header cannot carry; ${advice}`)
  if (isKnown(key)) throw new SetupProblem(`WEIR_ADMIN_KEY is a publicly known value; ${advice}`)
  if (key.length < leastLength)
    throw new SetupProblem(`WEIR_ADMIN_KEY is shorter than ${leastLength} characters; ${advice}`)
  if (key.length > greatestLength)
    throw new SetupProblem(`WEIR_ADMIN_KEY is longer than ${greatestLength} characters; ${advice}`)
}

/** Whether it is a value that scanners try first, or one of them repeated to get past a limit on length. */
function isKnown(key: string): boolean {
  const plain = key.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  if (plain === '') return true
  return knownValues.some(
    (value) => plain === value.repeat(Math.ceil(plain.length / value.length)).slice(0, plain.length),
  )
}

/** Letters and digits only, in small letters. Defaults of peers (failures.md A5) and the usual placeholders. */
const knownValues: readonly string[] = [
  ...'abcdefghijklmnopqrstuvwxyz0123456789',
  '1234567890',
  '0123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'abcdefghijklmnopqrstuvwxyz0123456789',
  'qwertyuiop',
  'sk1234',
  'sk1234567890',
  '123456',
  'admin',
  'adminkey',
  'administrator',
  'root',
  'root123456',
  'test',
  'testkey',
  'secret',
  'secretkey',
  'password',
  'passw0rd',
  'changeme',
  'changemeplease',
  'changethis',
  'pleasechangeme',
  'replaceme',
  'default',
  'example',
  'letmein',
  'masterkey',
  'litellmmasterkey',
  'weir',
  'weiradmin',
  'weiradminkey',
  'youradminkey',
  'youradminkeyhere',
  'yoursecretkey',
  'yoursecretkeyhere',
  'yourapikeyhere',
  'mysecretkey',
  'supersecretkey',
  'supersecretadminkey',
]
