import type { LinkMessage } from './link.ts'

/** The way to another process of this gateway, whatever starts it. */
export interface ProcessPort {
  readonly pid: number
  /** `then` is called when the operating system has it, or when it cannot be told any more. */
  send(batch: readonly LinkMessage[], then: () => void): void
  onBatch(hear: (batch: unknown) => void): void
}

/** A worker process as the primary sees it. */
export interface WorkerProcess extends ProcessPort {
  /** Called once, when the process is dead. */
  onExit(then: (how: string) => void): void
  kill(): void
}
