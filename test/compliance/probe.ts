import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ran, type ToolFolder } from '../tool-folder.ts'

/** What we read of llmprobe's report. */
const report = z.object({
  conformance: z.object({
    passed: z.int(),
    total: z.int(),
    bySurface: z.array(z.object({ surface: z.string(), passed: z.int(), total: z.int() })),
    results: z.array(
      z.object({
        id: z.string(),
        outcome: z.enum(['pass', 'fail', 'skipped', 'unsupported', 'inconclusive', 'unreachable']),
        reason: z.string().optional(),
        failures: z.array(z.object({ severity: z.string(), message: z.string() })),
      }),
    ),
  }),
})

export type Report = z.infer<typeof report>['conformance']

export const probePackage = 'llmprobe@0.6.12'

export interface Probed {
  readonly origin: string
  readonly apiKey: string
  readonly modelName: string
}

/**
 * Runs llmprobe, without its benchmark, which measures machines, and keeping nothing in the home folder. It speaks to `origin` only:
 * its one other address is that of its upload option, which is not given.
 */
export async function probe({ dir }: ToolFolder, { origin, apiKey, modelName }: Probed): Promise<Report> {
  const file = join(dir, `${modelName}.json`)
  const program = join(dir, 'node_modules', 'llmprobe', 'bin', 'dist', 'llmprobe.mjs')
  const wishes = ['--model', modelName, '--api-key', apiKey, '--save', file, '--no-bench', '--no-save', '--no-color']
  const words = [program, origin, ...wishes]
  const { output } = await ran(process.execPath, words, { cwd: dir, timeoutMs: probeTimeoutMs, env: { HOME: dir } })
  try {
    // Its exit code tells of failures, which are read here.
    return report.parse(JSON.parse(readFileSync(file, 'utf8'))).conformance
  } catch (thrown) {
    throw new Error(`llmprobe left no report of ${modelName}: ${output.slice(-2_000)}`, { cause: thrown })
  }
}

const probeTimeoutMs = 300_000
