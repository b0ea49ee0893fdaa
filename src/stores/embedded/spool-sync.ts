import type { Clock } from '../../canonical/clock.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { SegmentFile } from './segment-file.ts'
import type { SpoolDisk } from './spool-disk.ts'
import type { SpoolPosition } from './spool-segments.ts'

/**
 * What a written record survives. `process`: kill -9, and all but the last 10 ms before the power is cut. `power`: that
 * too, since `written()` waits until the disk confirms; each exchange then waits for one sync shared with its neighbours.
 */
export type Durability = 'process' | 'power'

/** Power may take what was written in this time, at most. */
export const syncDelayMs = 10

export interface SpoolSyncSettings {
  readonly clock: Clock
  readonly durability: Durability
  readonly disk: SpoolDisk
  readonly spoolDir: string
  /** Told how far the spool is written, after each round: as good a moment as any to have it shipped. */
  readonly announce: (position: SpoolPosition) => void
  /** Told once, when the disk did not confirm. Pages may be lost for good then, so it is never asked again (failures.md D3 29). */
  readonly onLost: (failure: GatewayError) => void
}

/**
 * Has the disk confirm what was written, one confirmation at a time. Not in the database's thread: a long report there
 * must not make the time longer in which power may take records.
 */
export class SpoolSync {
  readonly #settings: SpoolSyncSettings
  readonly #waiting: { readonly position: SpoolPosition; readonly settle: PromiseWithResolvers<void> }[] = []
  /** Those that are still open, and whether nothing more will be written to them. */
  readonly #segments = new Map<SegmentFile, 'growing' | 'ended'>()
  #isFolderStale = false
  #written: SpoolPosition = { sequence: 0, offsetBytes: 0 }
  #state: 'idle' | 'armed' | 'running' = 'idle'
  #running: Promise<void> = Promise.resolve()
  #lost: GatewayError | undefined

  constructor(settings: SpoolSyncSettings) {
    this.#settings = settings
  }

  begin(segment: SegmentFile): void {
    this.#segments.set(segment, 'growing')
    this.#isFolderStale = true
  }

  /** Takes the segment over: it is closed here, once the disk has confirmed it. */
  end(segment: SegmentFile): void {
    this.#segments.set(segment, 'ended')
    if (this.#state !== 'running') this.#run()
  }

  /** Notes that the spool is written up to here. */
  note(position: SpoolPosition): void {
    this.#written = position
    if (this.#state !== 'idle') return
    if (this.#settings.durability === 'power') return this.#run()
    this.#state = 'armed'
    this.#settings.clock.after(syncDelayMs, () => {
      if (this.#state === 'armed') this.#run()
    })
  }

  /** Settles a turn's promise as soon as its records are as safe as the durability asks. */
  settleWhenSafe(settle: PromiseWithResolvers<void>): void {
    if (this.#settings.durability === 'process') settle.resolve()
    else if (this.#lost !== undefined) settle.reject(this.#lost)
    else if (this.#state === 'idle') settle.resolve()
    else this.#waiting.push({ position: this.#written, settle })
  }

  /** Confirms and closes every segment. To be called after the last was ended. */
  async finish(): Promise<void> {
    while (this.#segments.size > 0 || this.#waiting.length > 0) {
      if (this.#state !== 'running') this.#run()
      await this.#running
    }
  }

  #run(): void {
    this.#state = 'running'
    this.#running = this.#sync()
  }

  async #sync(): Promise<void> {
    const position = this.#written
    const segments = [...this.#segments]
    await this.#confirm(segments.map(([segment]) => segment))
    for (const [segment, state] of segments) if (state === 'ended') this.#close(segment)
    this.#state = 'idle'
    while (
      this.#waiting[0] !== undefined &&
      (this.#lost !== undefined || !isBehind(position, this.#waiting[0].position))
    ) {
      const { settle } = this.#waiting[0]
      this.#waiting.shift()
      if (this.#lost === undefined) settle.resolve()
      else settle.reject(this.#lost)
    }
    this.#settings.announce(position)
    const hasEnded = [...this.#segments.values()].includes('ended')
    if (hasEnded) this.#run()
    else if (isBehind(position, this.#written)) this.note(this.#written)
  }

  async #confirm(segments: readonly SegmentFile[]): Promise<void> {
    if (this.#lost !== undefined) return
    const { disk, spoolDir } = this.#settings
    const isFolderStale = this.#isFolderStale
    this.#isFolderStale = false
    try {
      await Promise.all([
        ...segments.map(({ file }) => disk.sync(file)),
        ...(isFolderStale ? [disk.syncFolder(spoolDir)] : []),
      ])
    } catch (thrown) {
      this.#lose(thrown)
    }
  }

  #close(segment: SegmentFile): void {
    this.#segments.delete(segment)
    try {
      this.#settings.disk.close(segment.file)
    } catch (thrown) {
      this.#lose(thrown)
    }
  }

  #lose(thrown: unknown): void {
    if (this.#lost !== undefined) return
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    const problem = `the disk did not confirm the spool: ${reason}; new work is refused until a restart`
    this.#lost = new GatewayError('store_unavailable', problem, { cause: thrown })
    this.#settings.onLost(this.#lost)
  }
}

function isBehind(one: SpoolPosition, other: SpoolPosition): boolean {
  return one.sequence < other.sequence || (one.sequence === other.sequence && one.offsetBytes < other.offsetBytes)
}
