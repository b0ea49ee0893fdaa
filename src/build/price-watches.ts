import { watchFile, type FileWatch, type FileWatchOptions } from '../config/watch.ts'

/** Watches over the prices files that the config in force names. */
export interface PriceWatches {
  /** The files of a config that was just taken: those that are watched already go on being so. */
  follow(paths: readonly string[]): void
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
      for (const path of paths) if (!watches.has(path)) watches.set(path, watchFile(path, options))
    },
    close: async () => {
      for (const path of watches.keys()) end(path)
      await Promise.all(ended)
    },
  }
}
