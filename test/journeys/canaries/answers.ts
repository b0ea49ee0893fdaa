import type { Replayed } from '../../replay-upstream.ts'
import { words } from './words.ts'

export function json(status: number, value: unknown): Replayed {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) }
}

/** A page of something between us and the provider, which sets cookies and tells who it is. */
export function html(status: number, text: string): Replayed {
  return {
    status,
    headers: { 'content-type': 'text/html', 'set-cookie': `a=${words.page}`, server: words.page },
    body: Buffer.from(`<html><body>${text}</body></html>`),
  }
}

export function reply(content: string, more: object = {}): Replayed {
  return json(200, {
    choices: [{ index: 0, message: { role: 'assistant', content, ...more }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  })
}

/** The same from Anthropic. */
export function message(text: string): Replayed {
  return json(200, {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'c1',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 5, output_tokens: 2 },
  })
}

export function stream(...frames: readonly string[]): Replayed {
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: Buffer.from(frames.join('')) }
}

export function delta(value: object): string {
  return frame({ choices: [{ index: 0, delta: value, finish_reason: null }] })
}

export function frame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

export const ending = `${frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}data: [DONE]\n\n`
