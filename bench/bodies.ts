import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What a client asks for. `pace` is an order to the fake provider: `d<ms>n<events>`, the pause between events and how many
 * there are.
 */
export interface Ask {
  readonly isStream: boolean
  readonly pace: string
}

/** Of a chat with a few turns; the size of the bodies in docs/performance.md. */
const bodyBytes = 2_000
const longestTurn = 1_500
const turnText =
  'The quick brown fox jumps over the lazy dog; "quoted" words and\nnew lines appear in prompts. '.repeat(20)

/** Writes the body of a call and gives its file. Members stand in the order in which SDKs send them: messages first. */
export function writeBody(dir: string, modelName: string, { isStream, pace }: Ask): string {
  const messages: { role: string; content: string }[] = [{ role: 'system', content: 'You are a helpful assistant.' }]
  const body = {
    messages,
    model: modelName,
    temperature: 0.7,
    max_tokens: 256,
    user: pace,
    ...(isStream ? { stream: true, stream_options: { include_usage: true } } : {}),
  }
  for (;;) {
    const missing = bodyBytes - JSON.stringify(body).length
    if (missing <= 0) break
    const content = turnText.slice(0, Math.max(20, Math.min(longestTurn, missing - 40)))
    messages.push({ role: messages.length % 2 === 1 ? 'user' : 'assistant', content })
  }
  mkdirSync(dir, { recursive: true })
  const file = join(dir, `${modelName}-${pace}${isStream ? '-stream' : ''}.json`)
  writeFileSync(file, JSON.stringify(body))
  return file
}
