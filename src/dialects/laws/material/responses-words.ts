import type { Json, JsonObject } from '../../../canonical/json.ts'

/** Calls, answers and streams of OpenAI's Responses, as our own cases are put together. */

export function call(input: Json, members: JsonObject = {}): JsonObject {
  return { model: 'gpt-x', input, ...members }
}

export function user(content: Json): JsonObject {
  return { role: 'user', content }
}

export function weather(): JsonObject {
  const parameters = {
    type: 'object',
    properties: { city: { type: 'string', description: 'Its name.' } },
    required: ['city'],
  }
  return { type: 'function', name: 'weather', description: 'Tells the weather.', parameters, strict: false }
}

export function functionCall(callId: string, name: string, argumentsText: string): JsonObject {
  const id = `fc_${callId}`
  return { type: 'function_call', id, call_id: callId, name, arguments: argumentsText, status: 'completed' }
}

export function output(callId: string, said: Json): JsonObject {
  return { type: 'function_call_output', call_id: callId, output: said }
}

export function message(text: string, id = 'msg_1'): JsonObject {
  const content = [{ type: 'output_text', annotations: [], logprobs: [], text }]
  return { id, type: 'message', status: 'completed', role: 'assistant', content }
}

export function reasoning(id: string, paragraphs: readonly string[], encrypted?: string): JsonObject {
  const summary = paragraphs.map((text) => ({ type: 'summary_text', text }))
  return { id, type: 'reasoning', summary, ...(encrypted !== undefined && { encrypted_content: encrypted }) }
}

/** A call as an answer holds it. */
export function callItem(number: number, argumentsText: string): JsonObject {
  const id = `fc_${number}`
  const callId = `call_${number}`
  return { id, type: 'function_call', status: 'completed', arguments: argumentsText, call_id: callId, name: 'weather' }
}

export function answer(items: readonly Json[], members: JsonObject = {}): JsonObject {
  return { ...response('completed', items), usage: usage(), ...members }
}

export function event(type: string, members: JsonObject): JsonObject {
  return { type, ...members }
}

/** A message that comes in pieces, which may be texts or citations. */
export function textEvents(place: number, ...pieces: readonly (string | JsonObject)[]): readonly JsonObject[] {
  const id = `msg_${place}`
  const inPart = { item_id: id, output_index: place, content_index: 0 }
  const text = pieces.filter((piece) => typeof piece === 'string').join('')
  const annotations = pieces.filter((piece) => typeof piece !== 'string')
  const part = { type: 'output_text', annotations, logprobs: [], text }
  return [
    event('response.output_item.added', {
      output_index: place,
      item: { ...message('', id), status: 'in_progress', content: [] },
    }),
    event('response.content_part.added', { ...inPart, part: { ...part, annotations: [], text: '' } }),
    ...pieces.map((piece) =>
      typeof piece === 'string'
        ? event('response.output_text.delta', { ...inPart, delta: piece, logprobs: [], obfuscation: 'x' })
        : event('response.output_text.annotation.added', { ...inPart, annotation_index: 0, annotation: piece }),
    ),
    event('response.output_text.done', { ...inPart, text, logprobs: [] }),
    event('response.content_part.done', { ...inPart, part }),
    event('response.output_item.done', { output_index: place, item: { ...message(text, id), content: [part] } }),
  ]
}

/** @param items as the last event tells them again. */
export function streamOf(
  items: readonly JsonObject[],
  events: readonly JsonObject[],
  members: JsonObject = {},
): string {
  const begun = response('in_progress', [])
  const ended = { ...answer(items.map(placed)), ...members }
  const all = [
    event('response.created', { response: begun }),
    event('response.in_progress', { response: begun }),
    ...events,
    event(`response.${String(ended['status'])}`, { response: ended }),
  ]
  return all
    .map(
      (one, number) =>
        `event: ${String(one['type'])}\ndata: ${JSON.stringify({ ...one, sequence_number: number })}\n\n`,
    )
    .join('')
}

/** In a stream a message is named by its place. */
function placed(item: JsonObject, place: number): JsonObject {
  return item['type'] === 'message' ? { ...item, id: `msg_${place}` } : item
}

function response(status: string, items: readonly Json[]): JsonObject {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_760_000_000,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model: 'gpt-x-2026',
    output: items,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: {},
  }
}

function usage(): JsonObject {
  return {
    input_tokens: 20,
    input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
    output_tokens: 10,
    output_tokens_details: { reasoning_tokens: 3 },
    total_tokens: 30,
  }
}
