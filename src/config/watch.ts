import { realpath } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { watch } from 'chokidar'
import type { Clock, Timer } from '../canonical/clock.ts'

/** Editors write a file in several steps; one reload is made of what happens within this time. */
export const settleMs = 200
/** A file that never rests is read all the same after this time. */
export const longestSettleMs = 2_000

export interface FileWatch {
  /** Resolves when no further change can be missed. Read the file after this. */
  readonly ready: Promise<void>
  /** Nothing is told after this is called. */
  close(): Promise<void>
}

export interface FileWatchOptions {
  readonly clock: Clock
  /** The file may have changed, or be gone: read it, and compare versions before acting. */
  readonly onChange: () => void
  /** Watching itself failed (no watches left, no permission); changes may be missed from now on. */
  readonly onProblem: (problem: unknown) => void
}

/**
 * Watches one file through everything that replaces files: editors that rename over it, and the symbolic links by
 * which Kubernetes swaps a mounted ConfigMap (`weir.yaml -> ..data/weir.yaml`, `..data -> ..<date>`).
 *
 * The file alone is not enough: chokidar 6.0.0 then watches the link's old target and misses a swap that leaves the old
 * target in place. So its folder is watched too, but of the folder's entries only the file and names that begin with `..`.
 * A link swapped in any other folder is not seen; SIGHUP reloads then.
 */
export function watchFile(path: string, options: FileWatchOptions): FileWatch {
  const file = resolve(path)
  const folder = dirname(file)
  let target = file
  let isClosed = false
  let settling: { readonly timer: Timer; readonly sinceMs: number } | undefined

  const watcher = watch([folder, file], {
    ignoreInitial: true,
    depth: 0,
    ignored: (entry) => ![folder, file, target].includes(entry) && !basename(entry).startsWith('..'),
  })
  watcher.on('all', noteEvent)
  watcher.on('error', (problem) => {
    if (!isClosed) options.onProblem(problem)
  })
  const ready = new Promise<void>((done) => watcher.once('ready', () => done())).then(followTarget)

  function noteEvent(): void {
    if (isClosed) return
    const nowMs = options.clock.monotonicMs()
    if (settling === undefined) settling = { timer: options.clock.after(settleMs, settled), sinceMs: nowMs }
    else if (nowMs - settling.sinceMs < longestSettleMs) settling.timer.restart()
  }

  function settled(): void {
    settling = undefined
    if (isClosed) return
    void followTarget()
    options.onChange()
  }

  /** A file behind a link may also be edited in place: what the link leads to today is watched as well. */
  async function followTarget(): Promise<void> {
    // A file that is gone for the moment is no problem of watching: its folder tells when it is back.
    const found = await realpath(file).catch(() => file)
    if (isClosed || found === target) return
    if (target !== file) watcher.unwatch(target)
    target = found
    if (target !== file) watcher.add(target)
  }

  return {
    ready,
    close: async () => {
      isClosed = true
      settling?.timer.cancel()
      await watcher.close()
    },
  }
}
