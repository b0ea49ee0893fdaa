import type { Clock } from '../canonical/clock.ts'
import { GatewayError } from '../canonical/error.ts'
import type { Principal } from '../canonical/principal.ts'
import { FairShare } from './fair-share.ts'
import { fullOf, lateShare, type PressureLimits, type Readings, type ShedReason, type Shortage } from './pressure.ts'
import type { Probes } from './probes.ts'
import type { ServerSettings } from './settings.ts'

/** How old a reading may be. Taken when a call comes, so that an idle gateway measures nothing. */
export const sampleMs = 250
/**
 * The event loop is judged by a longer time: opening many streams at once is work, not trouble. Not by much longer, since more calls
 * are let in meanwhile than can be served, and each of them waits for the others: at 1,700 calls a second for two workers on two
 * cores, 1,000 waited with a second, and 400 with a quarter.
 */
export const loopWindowMs = 250
/** A delay of the event loop that is counted as a stall, and logged. */
export const stallMs = 1_000

export interface AdmissionParts {
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly probes: Probes
  /** Of the config in force. */
  limits(): ServerSettings
  /** The event loop stood still for this long. */
  onStall(longestMs: number): void
}

/** Lets calls in while there is room, and counts those that are in. */
export interface Admission {
  /** @throws GatewayError `overloaded`, with a wait. Before anything of the call is looked at. */
  enter(): Place
  /** Notes a new connection. @returns what there is none left of, for anyone. */
  connected(): Shortage | undefined
  view(): LoadView
}

/** One call's place in the gateway. */
export interface Place {
  /** @throws GatewayError `overloaded` when the gateway is nearly full and this caller has its fair share. */
  admit(principal: Principal): void
  /** Counts bytes of the call's body that are kept. @throws GatewayError `overloaded` when no more may be. */
  hold(sizeBytes: number): void
  /** @throws GatewayError `overloaded` when so many bytes more could not be held now. Nothing is counted. */
  expect(sizeBytes: number): void
  /** The call is over. Twice is once. */
  leave(): void
}

/** What the metrics show. */
export interface LoadView {
  readonly readings: Readings
  readonly limits: PressureLimits
  readonly shed: Readonly<Record<ShedReason, number>>
  readonly stalls: number
}

export function openAdmission(parts: AdmissionParts): Admission {
  return new OpenAdmission(parts)
}

class OpenAdmission implements Admission {
  readonly #parts: AdmissionParts
  readonly #shares = new FairShare()
  readonly #shed: Record<ShedReason, number> = {
    exchanges: 0,
    bodies: 0,
    memory: 0,
    files: 0,
    loop: 0,
    organisation: 0,
    key: 0,
  }
  #exchanges = 0
  #heldBodyBytes = 0
  #stalls = 0
  #sampledAtMs = -Infinity
  #loopSampledAtMs = -Infinity
  #memoryShare = 0
  #openFiles: number | undefined
  #loopDelayMs = 0

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  enter(): Place {
    const full = this.#full()
    if (full) throw this.#refusal(full, fullSentences[full])
    this.#exchanges += 1
    let heldBytes = 0
    let owner: Principal | undefined
    let isOver = false
    const now = () => this.#parts.clock.monotonicMs()
    return {
      admit: (principal) => {
        this.#admit(principal)
        owner = principal
        this.#shares.enter(principal.organisation, principal.keyId, now())
      },
      expect: (sizeBytes) => this.#mayHold(sizeBytes),
      hold: (sizeBytes) => {
        this.#mayHold(sizeBytes)
        heldBytes += sizeBytes
        this.#heldBodyBytes += sizeBytes
      },
      leave: () => {
        if (isOver) return
        isOver = true
        this.#exchanges -= 1
        this.#heldBodyBytes -= heldBytes
        if (owner) this.#shares.leave(owner.organisation, owner.keyId, now())
      },
    }
  }

  connected(): Shortage | undefined {
    const full = this.#full()
    // Until they are counted again.
    if (this.#openFiles !== undefined) this.#openFiles += 1
    return full
  }

  #full(): Shortage | undefined {
    this.#sample()
    return fullOf(this.#readings(), this.#limits())
  }

  view(): LoadView {
    this.#sample()
    return { readings: this.#readings(), limits: this.#limits(), shed: { ...this.#shed }, stalls: this.#stalls }
  }

  #admit(principal: Principal): void {
    const { maxExchanges, shed } = this.#parts.limits()
    const fairFrom = maxExchanges * shed.fairFrom
    const isNearlyFull = this.#exchanges > fairFrom
    const isLate = this.#loopDelayMs > shed.loopDelayMs
    if (!isNearlyFull && !isLate) return
    const { organisation, keyId, keyName } = principal
    const nowMs = this.#parts.clock.monotonicMs()
    if (isNearlyFull) {
      // The nearer the gateway is to full, the less anyone may have beyond its share; at the end, nothing.
      const way = (this.#exchanges - fairFrom) / (maxExchanges - fairFrom)
      const level = this.#shares.hasShare(organisation, keyId, maxExchanges / way, nowMs)
      const name = level === 'organisation' ? organisation : keyName
      if (level) throw this.#refusal(level, `the gateway is nearly full, and ${level} ${name} has its fair share of it`)
    }
    if (isLate) {
      const hasShare = this.#shares.hasShare(organisation, keyId, this.#exchanges, nowMs) !== undefined
      if (this.#parts.random() < lateShare(this.#loopDelayMs, shed.loopDelayMs, hasShare))
        throw this.#refusal('loop', 'the gateway cannot keep up with the calls it gets')
    }
  }

  #mayHold(sizeBytes: number): void {
    if (this.#heldBodyBytes + sizeBytes > this.#parts.limits().maxHeldBodyBytes)
      throw this.#refusal('bodies', fullSentences.bodies)
  }

  #sample(): void {
    const { clock, probes, onStall } = this.#parts
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#sampledAtMs < sampleMs) return
    this.#sampledAtMs = nowMs
    this.#memoryShare = probes.memoryShare()
    this.#openFiles = probes.openFiles()
    if (nowMs - this.#loopSampledAtMs < loopWindowMs) return
    this.#loopSampledAtMs = nowMs
    const { usualMs, longestMs } = probes.loopDelay()
    this.#loopDelayMs = usualMs
    if (longestMs < stallMs) return
    this.#stalls += 1
    onStall(longestMs)
  }

  #readings(): Readings {
    return {
      exchanges: this.#exchanges,
      heldBodyBytes: this.#heldBodyBytes,
      memoryShare: this.#memoryShare,
      loopDelayMs: this.#loopDelayMs,
      openFiles: this.#openFiles,
    }
  }

  #limits(): PressureLimits {
    const { maxExchanges, maxHeldBodyBytes, shed } = this.#parts.limits()
    const { fileLimit } = this.#parts.probes
    return {
      maxExchanges,
      maxHeldBodyBytes,
      memoryShare: shed.memoryShare,
      loopDelayMs: shed.loopDelayMs,
      openFiles: fileLimit === undefined ? undefined : Math.max(0, fileLimit - shed.fileReserve),
    }
  }

  /** The waits differ, so that those who are refused together do not come back together. */
  #refusal(reason: ShedReason, sentence: string): GatewayError {
    this.#shed[reason] += 1
    const retryAfterSeconds = 1 + Math.floor(this.#parts.random() * longestWaitSeconds)
    return new GatewayError('overloaded', `${sentence}; try again in ${retryAfterSeconds} s`, { retryAfterSeconds })
  }
}

const longestWaitSeconds = 3

const fullSentences: Readonly<Record<Shortage, string>> = {
  exchanges: 'the gateway has as many calls under way as it may',
  bodies: 'the gateway holds as many bytes of request bodies as it may',
  memory: 'the gateway is short of memory',
  files: 'the gateway is short of file descriptors',
}
