import { watchFile, type FileWatch, type FileWatchOptions } from '../config/watch.ts'

/** Watches over the prices files that the config in force names, or one that was refused. */
export interface PriceWatches {
  /**
   * The files to watch from now on: those that are watched already go on being so.
   * @returns resolves when no change of the others can be missed; `undefined`: there are no others.
   */
  follow(paths: readonly string[]): Promise<unknown> | undefined
  close(): Promise<void>
}

/** @param options who is told of a change. A new state of a file comes into force by a reload, whole or not at all. */
export function openPriceWatches(options: FileWatchOptions): PriceWatches {
  const watches = new Map<string, FileWatch>()
  const ended: Promise<void>[] = []
  const end = (path: string): void => {
    const watch = watches.get(path)
    watches.delete(path)
    if (watch) ended.push(watch.close())
  }
  return {
    follow(paths) {
      for (const path of watches.keys()) if (!paths.includes(path)) end(path)
      const added = [...new Set(paths)].filter((path) => !watches.has(path))
      if (added.length === 0) return undefined
      return Promise.all(
        added.map((path) => {
          const watch = watchFile(path, options)
          watches.set(path, watch)
          return watch.ready
        }),
      )
    },
    close: async () => {
      for (const path of watches.keys()) end(path)
      await Promise.all(ended)
    },
  }
}
