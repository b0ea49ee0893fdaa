import type { Clock } from '../../canonical/clock.ts'
import { GatewayError } from '../../canonical/error.ts'
import type { SpoolType } from '../../ledger/spool-format.ts'
import { HeldRecords, maxHeldBytes } from './held-records.ts'
import { SegmentFile } from './segment-file.ts'
import type { SpoolDisk } from './spool-disk.ts'
import { reservePathOf, segmentPath, type SpoolPosition } from './spool-segments.ts'
import type { SpoolSync } from './spool-sync.ts'
import { TurnBuffer, type WhenRefused } from './turn-buffer.ts'

/** While the disk refuses: how long until it is asked again. */
export const retryDelayMs = 1000

export interface SpoolWriterSettings {
  readonly spoolDir: string
  readonly ownerId: string
  readonly segmentBytes: number
  readonly reserveBytes: number
  /** Which reserve file is this writer's; see `reservePathOf`. */
  readonly reservePlace: number
  readonly clock: Clock
  readonly disk: SpoolDisk
  readonly sync: SpoolSync
  /** Sees to it that the reserve file exists in full. Rejects where the disk has no room for it. */
  readonly prepareReserve: () => Promise<void>
  /** Told the payload of each intent that was dropped after it was handed over. */
  readonly onIntentShed: (payload: string) => void
  /** Told once when the disk begins to refuse, and for each record that is lost. */
  readonly onFailure: (failure: GatewayError) => void
}

/**
 * The serving thread's end of the spool: one write per turn of the event loop, shared by all its records. A message to
 * another thread would be lost at kill -9; what a write has handed to the operating system is not (failures.md M5).
 */
export class SpoolWriter {
  readonly #settings: SpoolWriterSettings
  readonly #buffer = new TurnBuffer()
  readonly #held = new HeldRecords()
  #turn: Turn | undefined
  #segment: SegmentFile | undefined
  /** Of the newest segment, which may be empty: then `#position` is still in the one before. */
  #lastSequence = 0
  #position: SpoolPosition = { sequence: 0, offsetBytes: 0 }
  #writtenBytes = 0
  /** Set while the disk refuses. */
  #trouble: GatewayError | undefined
  /** A failed sync may have dropped pages for good, and asking again would lie (failures.md D3 29): no way back but a restart. */
  #isSyncLost = false
  #wasReported = false
  #isRetrying = false
  #reserve: 'absent' | 'ready' | 'in-use' = 'absent'
  #shedRecords = 0
  #isClosed = false

  constructor(settings: SpoolWriterSettings) {
    this.#settings = settings
  }

  /** Hands a record over. It is written at the end of this turn of the event loop, at the latest. */
  append(type: SpoolType, payload: string, whenRefused: WhenRefused): void {
    if (this.#isClosed) throw new GatewayError('store_unavailable', 'the store is closed')
    if (!this.#buffer.hasRoomFor(payload)) this.#flush()
    this.#buffer.add(type, payload, whenRefused)
    if (this.#turn !== undefined) return
    this.#turn = { failure: undefined, settle: undefined }
    setImmediate(this.#endTurn)
  }

  /**
   * Resolves when what was handed over in this turn is with the operating system. To be called in the turn of the
   * record it asks about: a refusal is told to the turn it happened in, and to nobody else.
   */
  written(): Promise<void> {
    if (this.#turn === undefined) return this.#trouble === undefined ? Promise.resolve() : Promise.reject(this.#trouble)
    this.#turn.settle ??= Promise.withResolvers<void>()
    return this.#turn.settle.promise
  }

  /**
   * Writes at once what this turn has so far.
   * @throws GatewayError `store_unavailable` while records wait in memory: nobody can read those.
   */
  flush(): SpoolPosition {
    this.#flush()
    if (this.#trouble !== undefined && this.#held.first !== undefined) throw this.#trouble
    return this.#position
  }

  /** Makes or checks the reserve, in the background. Without one, a full disk leaves only memory. */
  async prepareReserve(): Promise<void> {
    try {
      await this.#settings.prepareReserve()
      this.#reserve = 'ready'
    } catch (thrown) {
      if (!this.#isClosed) this.#settings.onFailure(refusal('no room for the reserve of the spool', thrown))
    }
  }

  /** The disk did not confirm what was written: no new work is taken from now on. What runs may still settle. */
  loseSync(failure: GatewayError): void {
    this.#isSyncLost = true
    this.#wasReported = false
    this.#refuse(failure)
  }

  /** Writes the last turn and ends the segment. `failure`: records were lost. */
  close(): { readonly position: SpoolPosition; readonly failure: GatewayError | undefined } {
    this.#endTurn()
    if (this.#held.first !== undefined) this.#resume('absent')
    this.#isClosed = true
    // Where its torn end cannot be cut off, it is the last segment, in which a torn end is expected.
    if (!this.#endSegment() && this.#segment !== undefined) this.#settings.sync.end(this.#segment)
    return { position: this.#position, failure: this.#held.first === undefined ? undefined : this.#trouble }
  }

  /** Why the disk refuses, while it does. Nothing new may be begun then. */
  get trouble(): GatewayError | undefined {
    return this.#trouble
  }

  get state(): SpoolWriterState {
    return {
      writtenBytes: this.#writtenBytes,
      heldBytes: this.#held.sizeBytes,
      shedRecords: this.#shedRecords,
      isRefusing: this.#trouble !== undefined,
    }
  }

  readonly #endTurn = (): void => {
    const turn = this.#turn
    if (turn === undefined) return
    this.#flush()
    this.#turn = undefined
    if (turn.settle === undefined) return
    if (turn.failure === undefined) this.#settings.sync.settleWhenSafe(turn.settle)
    else turn.settle.reject(turn.failure)
  }

  #flush(): void {
    if (this.#buffer.isEmpty) return
    if (this.#trouble !== undefined || !this.#write(this.#buffer.bytes())) this.#saveKept()
    this.#buffer.clear()
  }

  #write(bytes: Uint8Array): boolean {
    try {
      this.#segment ??= this.#nextSegment()
      this.#appendTo(this.#segment, bytes)
      this.#wasReported = false
      return true
    } catch (thrown) {
      this.#refuse(thrown)
      return false
    }
  }

  #appendTo(segment: SegmentFile, bytes: Uint8Array): void {
    segment.append(bytes)
    this.#writtenBytes += bytes.length
    this.#position = { sequence: segment.sequence, offsetBytes: segment.sizeBytes }
    if (segment.isFull && this.#reserve !== 'in-use') this.#endSegment()
    this.#settings.sync.note(this.#position)
  }

  /** @returns false where the segment could not be ended on a whole record: no other may follow it then. */
  #endSegment(): boolean {
    if (this.#segment === undefined) return true
    try {
      this.#segment.seal()
    } catch (thrown) {
      this.#refuse(thrown)
      return false
    }
    this.#settings.sync.end(this.#segment)
    this.#segment = undefined
    return true
  }

  #nextSegment(): SegmentFile {
    const { disk, spoolDir, ownerId, segmentBytes } = this.#settings
    const sequence = this.#lastSequence + 1
    const file = disk.create(segmentPath(spoolDir, ownerId, sequence))
    this.#lastSequence = sequence
    return this.#begun(new SegmentFile(disk, file, { sequence, capacityBytes: segmentBytes }, false))
  }

  #begun(segment: SegmentFile): SegmentFile {
    this.#settings.sync.begin(segment)
    return segment
  }

  #refuse(thrown: unknown): void {
    this.#trouble = refusal('the spool cannot be written', thrown)
    if (!this.#wasReported) this.#settings.onFailure(this.#trouble)
    this.#wasReported = true
    if (!this.#isRetrying) this.#retryLater()
  }

  /** Of a turn that the disk refused: sheds what may be shed, and saves the rest in the reserve or in memory. */
  #saveKept(): void {
    let mustTell = false
    for (const { bytes, payload, type, whenRefused } of this.#buffer.records()) {
      if (whenRefused === 'keep') mustTell = !this.#hold(bytes) || mustTell
      else if (type !== 'terminal') {
        mustTell = true
        if (type === 'intent') this.#settings.onIntentShed(payload)
      } else this.#shedRecords += 1
    }
    this.#writeHeld()
    if ((mustTell || this.#held.first !== undefined) && this.#turn !== undefined) this.#turn.failure = this.#trouble
  }

  #hold(recordBytes: Buffer): boolean {
    if (this.#held.add(recordBytes)) return true
    const lost = `a record of ${recordBytes.length} bytes is LOST: ${maxHeldBytes} bytes wait in memory already`
    this.#settings.onFailure(refusal(lost, this.#trouble))
    return false
  }

  #writeHeld(): void {
    try {
      for (;;) {
        const { first } = this.#held
        const segment = first && this.#segmentForHeld(first.length)
        if (first === undefined || segment === undefined) return
        this.#appendTo(segment, first)
        this.#held.dropFirst()
      }
    } catch (thrown) {
      this.#refuse(thrown)
    }
  }

  #segmentForHeld(sizeBytes: number): SegmentFile | undefined {
    if (this.#isSyncLost || this.#trouble === undefined) return (this.#segment ??= this.#nextSegment())
    if (this.#reserve === 'ready') this.#openReserve()
    if (this.#reserve !== 'in-use' || this.#segment === undefined) return undefined
    return this.#segment.sizeBytes + sizeBytes <= this.#segment.capacityBytes ? this.#segment : undefined
  }

  #openReserve(): void {
    const { disk, spoolDir, ownerId, reserveBytes, reservePlace } = this.#settings
    if (!this.#endSegment()) return
    this.#reserve = 'absent'
    const sequence = this.#lastSequence + 1
    const file = disk.adopt(reservePathOf(spoolDir, reservePlace), segmentPath(spoolDir, ownerId, sequence))
    this.#lastSequence = sequence
    this.#segment = this.#begun(new SegmentFile(disk, file, { sequence, capacityBytes: reserveBytes }, true))
    this.#reserve = 'in-use'
  }

  #retryLater(): void {
    if (this.#isClosed || this.#isSyncLost) return
    this.#isRetrying = true
    this.#settings.clock.after(retryDelayMs, () => {
      this.#settings.prepareReserve().then(
        () => this.#resume('ready'),
        (thrown: unknown) => {
          this.#trouble = refusal('the spool cannot be written', thrown)
          this.#retryLater()
        },
      )
    })
  }

  /** There seems to be room again. If there is not, the next write will tell. */
  #resume(reserve: 'ready' | 'absent'): void {
    this.#isRetrying = false
    if (this.#isClosed || this.#isSyncLost) return
    this.#trouble = undefined
    if (this.#reserve === 'in-use' && !this.#endSegment()) return
    this.#reserve = reserve
    this.#writeHeld()
  }
}

export interface SpoolWriterState {
  readonly writtenBytes: number
  /** Waits in memory because the disk refuses: kill -9 would lose it. */
  readonly heldBytes: number
  /** Records of calls that cost nothing, dropped while the disk refused. */
  readonly shedRecords: number
  readonly isRefusing: boolean
}

/** The records handed over in one turn of the event loop, and who waits for them. */
interface Turn {
  failure: GatewayError | undefined
  settle: PromiseWithResolvers<void> | undefined
}

function refusal(what: string, thrown: unknown): GatewayError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new GatewayError('store_unavailable', `${what}: ${reason}`, { cause: thrown })
}
