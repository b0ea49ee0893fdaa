import { fork, type ChildProcess } from 'node:child_process'
import { isRefusal } from '../canonical/unless-refused.ts'
import { packBatch, unpackBatch } from './pack-batch.ts'
import type { ProcessPort, WorkerProcess } from './process-port.ts'

/** Where the standard output of a worker process goes: to that of this one, or nowhere. */
export type WorkerLog = 'inherit' | 'ignore'

/**
 * Starts a worker process: `file` under the same Node with the same options and environment.
 *
 * The workers accept from one shared socket. Node's other ways are worse: where the primary accepts and hands connections over in
 * turn, one is lost with the worker that dies before it took it, and each costs a message; a socket of each worker's own
 * (`reusePort`) loses what waits in its queue whenever one closes. Of a shared socket nothing is lost by either: a connection
 * waits for whichever worker is free next, which is also what spreads them. Measured with 64 connections that come at once, a
 * worker took between 16 and 48 of them, against 24 to 40 in turn; on busy cores, nearly all, which `balance.ts` evens out.
 * @param args of the script.
 * @param descriptors of the primary, which the worker finds under `inheritedDescriptors`.
 */
export function forkWorker(
  file: string,
  args: readonly string[],
  descriptors: readonly number[],
  log: WorkerLog,
): WorkerProcess {
  const worker = forkOrFail(file, args, descriptors, log)
  if (worker instanceof Error) return neverStarted(worker)
  const onExit: ((how: string) => void)[] = []
  let ended: string | undefined
  const end = (how: string) => {
    if (ended !== undefined) return
    ended = how
    for (const then of onExit) then(how)
  }
  worker.on('exit', (code, signal) => end(signal ? `killed by ${signal}` : `ended with code ${code}`))
  // Starting the process failed, or sending to one that is just dying; the latter is told by `exit`.
  worker.on('error', (error) => {
    if (worker.pid === undefined) end(notStarted(error))
  })
  return {
    pid: worker.pid ?? 0,
    send: (batch, then) => void worker.send([...packBatch(batch)], then),
    onBatch: (hear) => void worker.on('message', (packed) => hear(unpackBatch(packed))),
    onExit: (then) => {
      if (ended === undefined) onExit.push(then)
      else then(ended)
    },
    kill: () => void worker.kill('SIGKILL'),
  }
}

/** Some of what the system refuses, such as memory (ENOMEM), Node throws, and the rest it tells later. */
function forkOrFail(
  file: string,
  args: readonly string[],
  descriptors: readonly number[],
  log: WorkerLog,
): ChildProcess | Error {
  try {
    return fork(file, args, {
      serialization: 'advanced',
      stdio: ['inherit', log, 'inherit', 'ipc', ...descriptors],
    })
  } catch (thrown) {
    if (isRefusal(thrown)) return thrown
    throw thrown
  }
}

function neverStarted(error: Error): WorkerProcess {
  return {
    pid: 0,
    send: (_, then) => then(),
    onBatch: () => {},
    onExit: (then) => then(notStarted(error)),
    kill: () => {},
  }
}

function notStarted(error: Error): string {
  return `could not be started: ${error.message}`
}

/** The numbers under which a worker finds what it inherits: behind the three standard streams and the channel. */
export function inheritedDescriptors(descriptors: readonly number[]): readonly number[] {
  return descriptors.map((_, place) => firstInherited + place)
}

const firstInherited = 4

/** The same channel, seen from the worker. */
export function portToPrimary(): ProcessPort {
  return {
    pid: process.pid,
    send: (batch, then) => {
      if (process.connected) process.send?.(packBatch(batch), undefined, undefined, then)
      else then()
    },
    onBatch: (hear) => void process.on('message', (packed) => hear(unpackBatch(packed))),
  }
}
