import type { ChatCall, OutputFormat, Reasoning } from '../../../canonical/chat.ts'
import type { Json } from '../../../canonical/json.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { rewrite } from '../../../canonical/origin.ts'
import { effortWords } from '../../shared/translation/effort-words.ts'
import { put, type Draft } from '../../shared/translation/put.ts'
import { isOwn, dialectName } from './own.ts'
import { accountFor } from './pen.ts'

/** A schema stands as it is; its name and description have no place. */
export function putOutputFormat(draft: Draft, { outputFormat }: ChatCall, losses: Losses): void {
  if (!outputFormat) return
  const written = rewrite<OutputFormat>(outputFormat, dialectName, (format) => formatWords(format, losses))
  if (written !== null) draft['format'] = written
}

function formatWords(format: OutputFormat, losses: Losses): Json {
  switch (format.kind) {
    case 'text':
      accountFor(format, ['kind'], losses)
      return null
    case 'json-object':
      accountFor(format, ['kind'], losses)
      return 'json'
    case 'json-schema': {
      // It always keeps to the schema.
      const silent = format.isStrict === false ? [] : (['isStrict'] as const)
      accountFor(format, ['kind', 'schema', ...silent], losses)
      return format.schema
    }
    default:
      return format satisfies never
  }
}

/**
 * `think`: whether, or for gpt-oss how much, in three words. Other models refuse the words (Ollama's page on thinking, read 2026-11).
 */
export function putReasoning(draft: Draft, { reasoning, modelName }: ChatCall, losses: Losses): void {
  if (!reasoning) return
  const written = rewrite<Reasoning>(reasoning, dialectName, (wish) =>
    isOwn(wish) ? (wish.effort ?? wish.mode !== 'off') : (thinkWord(wish, modelName, losses) ?? null),
  )
  if (written !== null) draft['think'] = written
}

function thinkWord(wish: Reasoning, modelName: string, losses: Losses): Json | undefined {
  const { mode, effort } = wish
  if (mode === 'off' || effort === 'none') {
    accountFor(wish, effort === 'none' ? ['mode', 'effort'] : ['mode'], losses)
    return false
  }
  if (mode === 'on' && effort === undefined && wish.budgetTokens === undefined) {
    accountFor(wish, ['mode'], losses)
    return true
  }
  const { effort: told, carried } = effortWords(wish, losses)
  accountFor(wish, carried, losses)
  if (told === undefined) return undefined
  if (!modelName.includes('gpt-oss')) {
    if (effort !== undefined) losses.approximated(wish, 'effort', 'the target is told only whether to think')
    return true
  }
  const word = levels.get(told)
  if (word !== told) losses.approximated(wish, 'effort', `the target knows three efforts: told as ${word ?? 'high'}`)
  return word ?? 'high'
}

const levels: ReadonlyMap<string, string> = new Map([
  ['minimal', 'low'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
])

export function putLogprobs(draft: Draft, { logprobs }: ChatCall, losses: Losses): void {
  if (!logprobs) return
  draft['logprobs'] = logprobs.isWanted
  put(draft, 'top_logprobs', logprobs.topCount)
  accountFor(logprobs, ['isWanted', 'topCount'], losses)
}
