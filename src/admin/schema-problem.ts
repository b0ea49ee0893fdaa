import type { z } from '@hono/zod-openapi'
import { pathText } from '../config/problem.ts'
import { printable } from '../config/secret-like.ts'
import { AdminProblem } from './problem.ts'

/** More are counted, not listed. */
const listedIssueLimit = 10
const listedKeyLimit = 5

/** Says what is wrong with a body or a query, without quoting its values. */
export function schemaProblem(issues: readonly z.core.$ZodIssue[]): AdminProblem {
  const told = issues.slice(0, listedIssueLimit).map(sentenceOf)
  const rest = issues.length - told.length
  return new AdminProblem('invalid_request', [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; '))
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  const path = pathText(issue.path)
  const words = issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys) : issue.message
  return path === '' ? words : `${path}: ${words}`
}

function unknownKeys(keys: readonly string[]): string {
  const shown = keys.slice(0, listedKeyLimit).map((key) => `"${printable(key)}"`)
  const rest = keys.length - shown.length
  return `unknown ${keys.length === 1 ? 'key' : 'keys'} ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
