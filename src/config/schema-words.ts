import type { z } from 'zod'

/**
 * A schema's complaint in words for the person who writes the config. Sentences that a schema brings itself come
 * before these. No sentence quotes a value.
 */
export function wordsFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords(issue.expected, issue.input)
    case 'too_small':
      return boundWords('least', 'more', issue.origin, issue.minimum, issue.inclusive)
    case 'too_big':
      return boundWords('most', 'less', issue.origin, issue.maximum, issue.inclusive)
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_format':
      return formatWords(issue.format)
    case 'invalid_union':
      return unknownForm
    default:
      return undefined
  }
}

/** Where nothing better is known. */
export const unknownForm = 'does not have the expected form'

export function typeWords(expected: string, input: unknown): string {
  const wanted = typeNames[expected] ?? expected
  if (input === undefined) return `missing; give ${wanted}`
  if (input === null) return `has no value; give ${wanted} or remove the key`
  const found = `expected ${wanted}, found ${foundName(input)}`
  return expected === 'string' && typeof input !== 'object' ? `${found}; put it in quotes` : found
}

export function typeNameOf(expected: string): string {
  return typeNames[expected] ?? expected
}

export function foundName(input: unknown): string {
  if (input === null || input === undefined) return 'nothing'
  if (Array.isArray(input)) return 'a list'
  if (typeof input === 'number' && !Number.isFinite(input)) return 'a number without end'
  return typeNames[typeof input] ?? typeof input
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
  null: 'nothing',
}

function boundWords(
  inclusiveWord: 'least' | 'most',
  exclusiveWord: 'more' | 'less',
  origin: string,
  bound: number | bigint,
  isInclusive: boolean | undefined,
): string {
  const limit = isInclusive === false ? `${exclusiveWord} than ${bound}` : `at ${inclusiveWord} ${bound}`
  if (origin === 'string') return `must be ${limit} ${bound === 1 ? 'character' : 'characters'} long`
  if (origin === 'array') return `must hold ${limit} ${bound === 1 ? 'entry' : 'entries'}`
  return `must be ${limit}`
}

function formatWords(format: string): string {
  const what = formatNames[format]
  return what === undefined ? unknownForm : `must be ${what}`
}

const formatNames: Readonly<Record<string, string>> = {
  url: 'a URL, such as https://example.com/v1',
  email: 'an e-mail address',
  datetime: 'a moment, such as 2026-11-23T09:00:00Z',
  date: 'a date, such as 2026-11-23',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  cidrv4: 'an IPv4 range, such as 10.0.0.0/8',
  cidrv6: 'an IPv6 range, such as fd00::/8',
}
