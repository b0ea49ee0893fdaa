import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { endAll } from '../test/crash/node-process.ts'
import { writeBody, type Ask } from './bodies.ts'
import type { Stack } from './gateways/stack.ts'
import { runLoad, type LoadResult } from './load.ts'
import { startProvider } from './provider.ts'
import { coresOf, type Tools } from './tools.ts'

/** One kind of work, and how it is measured. */
export interface Work {
  readonly name: WorkName
  readonly says: string
  readonly ask: Ask
  readonly connections: number
  readonly callsPerSecond: number | undefined
  /** Served before, as fast as may be, where the measured load itself would take too long to have the code compiled. */
  readonly before?: { readonly ask: Ask; readonly calls: number }
  readonly warmUpSeconds: number
  /** However slow the machine is, the gateway's code is compiled by then. */
  readonly warmUpCalls?: number
  readonly seconds: number
  /** Not pinned: gateway, provider and generator share both cores. */
  readonly isShared?: boolean
}

export type WorkName = 'unary' | 'open' | 'paced' | 'slow' | 'stall' | 'workers' | 'budgets'

/**
 * So many calls a process has served when its code is as compiled as it will be. After half of them V8 still has a tenth of a
 * core for it, which counts as CPU of the calls that are measured meanwhile.
 */
const compiledCalls = 60_000
const wholeBefore = { ask: { isStream: false, pace: 'd0n50' }, calls: compiledCalls } as const
/** 51 events each. */
const streamsBefore = { ask: { isStream: true, pace: 'd0n50' }, calls: 6_000 } as const

export const works: Readonly<Record<WorkName, Work>> = {
  unary: {
    name: 'unary',
    says: 'calls of 2 KB one after another on 64 connections: the gateway has all it can do',
    ask: { isStream: false, pace: 'd0n50' },
    connections: 64,
    callsPerSecond: undefined,
    warmUpSeconds: 2,
    warmUpCalls: compiledCalls,
    seconds: 3,
  },
  budgets: {
    name: 'budgets',
    says: 'the calls of `unary`, without budgets and with strict ones at three levels',
    ask: { isStream: false, pace: 'd0n50' },
    connections: 64,
    callsPerSecond: undefined,
    warmUpSeconds: 2,
    warmUpCalls: compiledCalls,
    seconds: 3,
  },
  open: {
    name: 'open',
    says: 'the same calls at 1,500 a second, latency from the moment each was due',
    ask: { isStream: false, pace: 'd0n50' },
    before: wholeBefore,
    connections: 256,
    callsPerSecond: 1_500,
    warmUpSeconds: 1.5,
    seconds: 3,
  },
  paced: {
    name: 'paced',
    says: '200 new streams a second of 50 events, 10 ms apart',
    ask: { isStream: true, pace: 'd10n50' },
    before: streamsBefore,
    connections: 400,
    callsPerSecond: 200,
    warmUpSeconds: 2,
    seconds: 3,
  },
  slow: {
    name: 'slow',
    says: '2,000 streams at once, an event every 200 ms each',
    ask: { isStream: true, pace: 'd200n60' },
    connections: 2_000,
    callsPerSecond: undefined,
    warmUpSeconds: 3,
    seconds: 4,
  },
  stall: {
    name: 'stall',
    says: 'the calls of `open`, with a probe in the event loop',
    ask: { isStream: false, pace: 'd0n50' },
    before: wholeBefore,
    connections: 256,
    callsPerSecond: 1_500,
    warmUpSeconds: 1.5,
    seconds: 3,
  },
  workers: {
    name: 'workers',
    says: 'the calls of `unary`, nothing pinned, with one worker and with two',
    ask: { isStream: false, pace: 'd0n50' },
    connections: 64,
    callsPerSecond: undefined,
    warmUpSeconds: 2,
    warmUpCalls: 2 * compiledCalls,
    seconds: 3,
    isShared: true,
  },
}

/** What one measurement of one stack came to. */
export interface Sample {
  readonly stack: string
  readonly work: WorkName
  readonly load: LoadResult
  readonly stallP99Ms: number | undefined
  /** Why it does not count; empty when it does. */
  readonly problems: readonly string[]
}

/** Measures one stack at one kind of work, in fresh processes. Nothing of it is left afterwards. */
export async function measure(tools: Tools, parentDir: string, work: Work, stack: Stack): Promise<Sample> {
  const dir = mkdtempSync(join(parentDir, `${work.name}-`))
  const provider = await startProvider(tools, dir, work.isShared ? coresOf.both : coresOf.others)
  try {
    const cores = work.isShared ? coresOf.both : coresOf.gateway
    const running = await stack.start({ tools, dir, providerPort: provider.port, cores })
    const others = work.isShared ? coresOf.both : coresOf.others
    const loadOf = (ask: Ask) => ({
      port: running.port,
      bodyFile: writeBody(dir, running.modelName, ask),
      headers: running.headers,
      isStream: ask.isStream,
      pids: running.pids,
    })
    if (work.before) {
      const { ask, calls } = work.before
      const load = { connections: 64, callsPerSecond: undefined, warmUpSeconds: 2, warmUpCalls: calls, seconds: 0.1 }
      await runLoad(tools, dir, { ...loadOf(ask), ...load }, others)
    }
    const warm = setTimeout(() => running.measuring?.('begins'), work.warmUpSeconds * 1000)
    const { connections, callsPerSecond, warmUpSeconds, warmUpCalls = 0, seconds } = work
    const load = await runLoad(
      tools,
      dir,
      { ...loadOf(work.ask), connections, callsPerSecond, warmUpSeconds, warmUpCalls, seconds },
      others,
    )
    clearTimeout(warm)
    running.measuring?.('over')
    const seen = await provider.seen()
    const ending = await running.end(seen.requests)
    const problems = [...ending.problems]
    if (seen.bad > 0) problems.push(`the provider saw ${seen.bad} calls with a wrong model or credential`)
    if (load.failed + load.refused > 0)
      problems.push(`${load.failed} connections broke, ${load.refused} answers were not 200`)
    if (load.answered === 0 && load.events === 0) problems.push('nothing was answered')
    return { stack: stack.name, work: work.name, load, stallP99Ms: ending.stallP99Ms, problems }
  } finally {
    endAll()
    rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}
