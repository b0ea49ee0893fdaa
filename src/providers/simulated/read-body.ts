import { z } from 'zod'
import type { Json } from '../../canonical/json.ts'
import { readModelName } from './behaviour.ts'
import { imageTokens, messageTokens, Refusal, type PromptPart, type Question } from './question.ts'
import { countTokens } from './tokens.ts'

/** Reads a body by a schema. What is wrong is told as a provider would: with 400 and the field's name. */
export function readBody<Body>(body: Json, schema: z.ZodType<Body>): Body {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  const issue = read.error.issues[0]
  const field = issue?.path.join('.') ?? ''
  throw new Refusal(400, `${field === '' ? 'the body' : `"${field}"`}: ${issue?.message ?? 'is not valid'}`, field)
}

export function readModel(modelName: string): Pick<Question, 'baseName' | 'behaviour'> {
  const asked = readModelName(modelName)
  if (!asked.isValid) throw new Refusal(400, asked.message, 'model')
  return asked
}

export const cacheControl = z.looseObject({ ttl: z.enum(['5m', '1h']).optional() }).nullish()

/** A block of a message in either dialect, as far as we look. */
export const block = z.looseObject({ type: z.string(), text: z.string().optional(), cache_control: cacheControl })

export type Block = z.infer<typeof block>

/** @param tokens by default, as many as the text has. */
export function promptPart(text: string, cache: z.infer<typeof cacheControl>, tokens = countTokens(text)): PromptPart {
  return { text, tokens, cache: cache ? (cache.ttl ?? '5m') : undefined }
}

/** The parts of one message. What is neither text nor image counts as its JSON. */
export function messageParts(content: string | readonly Block[], imageType: string): readonly PromptPart[] {
  if (typeof content === 'string') return [promptPart(content, undefined, countTokens(content) + messageTokens)]
  return content.map((part, place) => {
    const text = part.text ?? JSON.stringify(part)
    const tokens = part.type === imageType ? imageTokens : countTokens(text)
    return promptPart(text, part.cache_control, tokens + (place === 0 ? messageTokens : 0))
  })
}

/** The text of one message. */
export function messageText(content: string | readonly Block[]): string {
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n')
}

/** What JSON a schema's value is, for the parts of a body that we only pass on. */
export const json: z.ZodType<Json> = z.json()
