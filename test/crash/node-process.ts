import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A script or program that runs as a process of its own. */
export interface NodeProcess {
  readonly pid: number
  /** What it said so far on the stream that is listened to. */
  said(): string
  /** Waits for words on that stream. Rejects when the process ends without them, or takes longer than `patienceMs`. */
  hears(pattern: RegExp): Promise<RegExpExecArray>
  readonly ended: Promise<ProcessEnd>
  readonly hasEnded: boolean
  /** The signal that ended it, if one did. */
  readonly killedBy: NodeJS.Signals | undefined
  signal(signal: NodeJS.Signals): void
}

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** It ended before it said what was waited for. */
export class EndedEarly extends Error {
  override readonly name = 'EndedEarly'
  readonly killedBy: NodeJS.Signals | undefined

  constructor(message: string, killedBy: NodeJS.Signals | undefined) {
    super(message)
    this.killedBy = killedBy
  }
}

/** A process of ours that has not said or done what it must by then is stuck. */
export const patienceMs = 45_000

const running = new Set<ChildProcess>()
let isGuarded = false

export interface RunOptions {
  /** The stream that is kept in memory; the other one is appended to `logFile`. */
  readonly listenTo: 'stdout' | 'stderr'
  readonly logFile: string
  readonly env?: Readonly<Record<string, string>>
  /** A limit of the system, in words of the shell: `-n 200` for descriptors, `-f 1000` for the size of files. */
  readonly ulimit?: string | undefined
}

/** Runs a script with the Node that runs this one. */
export function runNode(args: readonly string[], options: RunOptions): NodeProcess {
  return runProgram(process.execPath, args, options)
}

/** Runs any program; it ends with this process at the latest. */
export function runProgram(program: string, args: readonly string[], options: RunOptions): NodeProcess {
  endAllWithUs()
  const log = openSync(options.logFile, 'a')
  const limited = ['-c', `ulimit ${options.ulimit} && exec "$@"`, 'sh', program, ...args]
  const [command, commandArgs] = options.ulimit === undefined ? [program, args] : (['sh', limited] as const)
  const child = spawn(command, commandArgs, {
    stdio: options.listenTo === 'stdout' ? ['ignore', 'pipe', log] : ['ignore', log, 'pipe'],
    env: {
      PATH: process.env['PATH'],
      TMPDIR: process.env['TMPDIR'],
      // Each start reads hundreds of files, whose types are stripped anew where nobody remembers it: half of its work.
      NODE_COMPILE_CACHE: join(tmpdir(), 'weir-compile-cache'),
      ...options.env,
    },
  })
  closeSync(log)
  running.add(child)
  let text = ''
  let onText: (() => void)[] = []
  const stream = options.listenTo === 'stdout' ? child.stdout : child.stderr
  stream?.setEncoding('utf8').on('data', (part: string) => {
    text += part
    for (const then of onText.splice(0)) then()
  })
  const { promise: ended, resolve: end } = Promise.withResolvers<ProcessEnd>()
  let hasEnded = false
  let killedBy: NodeJS.Signals | undefined
  child.once('error', (cause) => {
    text += `\n${String(cause)}`
  })
  child.once('close', (code, signal) => {
    hasEnded = true
    killedBy = signal ?? undefined
    running.delete(child)
    end({ code, signal })
    for (const then of onText.splice(0)) then()
  })
  return {
    pid: child.pid ?? 0,
    said: () => text,
    hears: (pattern) =>
      within(`${args.join(' ')} to say ${pattern.source}`, async () => {
        for (;;) {
          const found = pattern.exec(text)
          if (found) return found
          if (hasEnded) throw new EndedEarly(`${args.join(' ')} ended without ${pattern.source}: ${text}`, killedBy)
          await new Promise<void>((resolve) => void (onText = [...onText, resolve]))
        }
      }),
    ended,
    get hasEnded() {
      return hasEnded
    },
    get killedBy() {
      return killedBy
    },
    signal: (signal) => void child.kill(signal),
  }
}

/** Waits for something for at most `patienceMs`. */
export async function within<Result>(what: string, wait: () => Promise<Result>): Promise<Result> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`waited ${patienceMs} ms for ${what}`)), patienceMs)
  try {
    return await Promise.race([wait(), tooLate])
  } finally {
    clearTimeout(timer)
  }
}

/** Ends every process that is still running. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** They end with this process, whatever ends it: no run leaves a process behind. */
function endAllWithUs(): void {
  if (isGuarded) return
  isGuarded = true
  process.once('exit', endAll)
}
