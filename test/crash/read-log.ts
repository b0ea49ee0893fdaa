import { readFileSync } from 'node:fs'
import type { Mismatch } from './compare.ts'

/**
 * An error in the log is none that the calls can explain. Each is told once, with how often it came.
 * @param expected what the run itself has brought about.
 */
export function loggedProblems(logFile: string, expected: readonly RegExp[] = []): readonly Mismatch[] {
  const lines = readFileSync(logFile, 'utf8').split('\n')
  const problems = Map.groupBy(
    lines.filter((line) => /"level":[56]0/.test(line) && !expected.some((pattern) => pattern.test(line))),
    withoutOccasion,
  )
  return [...problems].map(([line, same]) => ({ kind: 'wrong', at: 'the log', why: `${same.length} times ${line}` }))
}

/** What differs between two lines of the same problem: when it was, and whose. */
function withoutOccasion(line: string): string {
  return line.replace(/"(time|requestId)":"[^"]*",?/g, '')
}
