import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder outside the repository with packages of npm in it, for programs that Weir does not depend on. */
export interface ToolFolder {
  readonly dir: string
  remove(): void
}

/**
 * Installs packages, each as `name@version`, into a folder of their own, that goes when the process does.
 * @throws Error with what npm said.
 */
export async function installTools(...packages: readonly string[]): Promise<ToolFolder> {
  const dir = mkdtempSync(join(tmpdir(), 'weir-tools-'))
  const remove = (): void => rmSync(dir, { recursive: true, force: true })
  process.once('exit', remove)
  const { code, output } = await ran(
    'npm',
    ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', dir, ...packages],
    {
      cwd: dir,
      timeoutMs: installTimeoutMs,
    },
  )
  if (code !== 0) throw new Error(`npm could not install ${packages.join(' ')}: ${output.slice(-2_000)}`)
  return { dir, remove }
}

const installTimeoutMs = 300_000

export interface Ran {
  /** `undefined`: it was ended, by us or by a signal. */
  readonly code: number | undefined
  /** What it printed on either output. */
  readonly output: string
}

export interface RunSettings {
  readonly cwd: string
  readonly timeoutMs: number
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Hears what is printed as it comes. */
  readonly onOutput?: (text: string) => void
}

/** Runs a program to its end; its input is empty. After `timeoutMs` it is ended. */
export async function ran(
  program: string,
  words: readonly string[],
  { cwd, timeoutMs, env, onOutput }: RunSettings,
): Promise<Ran> {
  const child = spawn(program, words, {
    cwd,
    env: env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const parts: string[] = []
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => {
      parts.push(text)
      onOutput?.(text)
    })
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  child.once('error', reject)
  child.once('close', (code) => resolve(code ?? undefined))
  return { code: await promise, output: parts.join('') }
}
