import http from 'node:http'
import { drawCall } from './calls.ts'
import { within } from './node-process.ts'
import { sendCall, type Seen } from './send.ts'

/** Calls that are under way at any moment. */
export const callsAtOnce = 48

/** Clients that call and call until they are stopped. */
export interface Load {
  readonly finished: number
  /** Resolves when so many calls have finished since the start. */
  whenFinished(count: number): Promise<void>
  /** No further calls. The last ones end by themselves, or with the gateway. */
  stop(): void
  /** Everything that was seen, once the last call is over. */
  seen(): Promise<readonly Seen[]>
}

export function startLoad(origin: string, key: string, random: () => number): Load {
  const agent = new http.Agent({ keepAlive: true })
  const seen: Seen[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const state = { isStopped: false, finished: 0 }
  const client = async (): Promise<void> => {
    while (!state.isStopped) {
      const one = await sendCall(drawCall(random), { origin, key, agent })
      seen.push(one)
      if (one.isFinished) state.finished += 1
      for (const { count, resolve } of waiting) if (state.finished >= count) resolve()
    }
  }
  const clients = Array.from({ length: callsAtOnce }, client)
  return {
    get finished() {
      return state.finished
    },
    whenFinished: (count) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (state.finished >= count) resolve()
      else waiting.push({ count, resolve })
      return promise
    },
    stop: () => void (state.isStopped = true),
    seen: async () => {
      await within('the last calls to end', () => Promise.all(clients))
      agent.destroy()
      return seen
    },
  }
}
