import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createPrivateFile, readPrivateFile } from '../../config/private-file.ts'
import { SetupProblem } from '../../config/setup-problem.ts'

const pepperLength = 32

export interface PepperSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The data directory; made when it does not exist. */
  readonly dataDir: string
}

/**
 * The secret under which keys are hashed: a stolen database without it is of no use. Losing it makes every key invalid.
 *
 * `WEIR_PEPPER` comes first, and means by its form: 64 or more hex digits are hex; base64 (or base64url) of 32 or more
 * bytes is base64; anything else of 32 or more bytes is taken as it stands. Without it: `<data dir>/pepper`, 32 bytes,
 * made at the first start.
 * @throws SetupProblem when the variable is too short, or the file has another length or mode than we gave it.
 */
export function loadPepper({ env, dataDir }: PepperSources): Buffer {
  const given = env['WEIR_PEPPER']
  if (given !== undefined) return pepperOf(given)
  const path = join(dataDir, 'pepper')
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const fresh = randomBytes(pepperLength)
  if (createPrivateFile(path, fresh)) return fresh
  const file = readPrivateFile(path, pepperLength)
  if (!file.ok) throw new SetupProblem(`the pepper cannot be used: ${file.reason}`)
  if (file.bytes.length !== pepperLength) {
    throw new SetupProblem(
      `the file ${path} has ${file.bytes.length} bytes and not ${pepperLength}, so it is damaged; ` +
        'put it back from a backup, or remove it and make all keys anew',
    )
  }
  return file.bytes
}

function pepperOf(text: string): Buffer {
  if (/[\p{Cc}\s]/u.test(text)) throw new SetupProblem('WEIR_PEPPER holds a space or a line break; remove it')
  const bytes = bytesOf(text)
  if (bytes.length < pepperLength)
    throw new SetupProblem(
      `WEIR_PEPPER is too short: give ${pepperLength} random bytes or more (openssl rand -hex ${pepperLength})`,
    )
  return bytes
}

function bytesOf(text: string): Buffer {
  if (/^(?:[0-9a-fA-F]{2}){32,}$/.test(text)) return Buffer.from(text, 'hex')
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) {
    const bytes = Buffer.from(text, 'base64')
    // Only what base64 writes back the same: any other text means itself.
    const again = bytes.toString('base64url')
    const plain = text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
    if (bytes.length >= pepperLength && again === plain) return bytes
  }
  return Buffer.from(text)
}
