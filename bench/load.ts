import { join } from 'node:path'
import { z } from 'zod'
import { runProgram } from '../test/crash/node-process.ts'
import { coresOf, type Cores, type Tools } from './tools.ts'

export interface LoadSettings {
  readonly port: number
  readonly bodyFile: string
  readonly headers: readonly string[]
  readonly connections: number
  readonly warmUpSeconds: number
  /** The warm-up goes on until so many calls were answered, ten times its seconds at the most. */
  readonly warmUpCalls: number
  readonly seconds: number
  /** Calls start by the clock; `undefined`: as soon as a connection is free. */
  readonly callsPerSecond: number | undefined
  readonly isStream: boolean
  /** Processes whose CPU and memory are measured. */
  readonly pids: readonly number[]
}

const resultSchema = z.object({
  seconds: z.number(),
  /** Calls whose whole answer came within the measured time, and since the start. */
  answered: z.number(),
  totalAnswered: z.number(),
  callsPerSecond: z.number(),
  /** Connections that broke under a call. */
  failed: z.number(),
  /** Answers with another status than 200. */
  refused: z.number(),
  events: z.number(),
  latencyP50Us: z.number(),
  latencyP99Us: z.number(),
  firstByteP50Us: z.number(),
  firstByteP99Us: z.number(),
  /** Of the processes measured: user and system time, and the sum of each one's largest resident size. */
  cpuSeconds: z.number(),
  userSeconds: z.number(),
  peakMb: z.number(),
  residentMb: z.number(),
  ownCpuSeconds: z.number(),
})

export type LoadResult = z.infer<typeof resultSchema>

/** Runs the generator once. It ends by itself after its time. */
export async function runLoad(
  tools: Tools,
  dir: string,
  settings: LoadSettings,
  cores: Cores = coresOf.others,
): Promise<LoadResult> {
  const child = runProgram(
    tools.pin,
    [
      cores,
      tools.load,
      `-p${settings.port}`,
      `-b${settings.bodyFile}`,
      `-c${settings.connections}`,
      `-w${settings.warmUpSeconds}`,
      `-n${settings.warmUpCalls}`,
      `-d${settings.seconds}`,
      ...(settings.callsPerSecond === undefined ? [] : [`-r${settings.callsPerSecond}`]),
      ...(settings.isStream ? ['-s'] : []),
      ...settings.headers.flatMap((header) => ['-H', header]),
      ...(settings.pids.length === 0 ? [] : ['-P', settings.pids.join(',')]),
    ],
    { listenTo: 'stdout', logFile: join(dir, 'load.log') },
  )
  const [line] = await child.hears(/^\{.*\}\n/)
  return resultSchema.parse(JSON.parse(line))
}
