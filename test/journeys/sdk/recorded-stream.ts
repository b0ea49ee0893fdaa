import type { SdkCase } from './cases.ts'
import { isRecord, member } from './told.ts'

/** Whether the recorded stream came to the end that its API has: naive on purpose, and shares no code with the dialects. */
export function endsWell({ api, answer }: SdkCase): boolean {
  const text = answer.body.toString('utf8')
  if (api === 'responses') return /"type": ?"response\.(?:completed|incomplete)"/.test(text)
  if (api === 'generate') return /"(?:finish|block)Reason": ?"/.test(text)
  if (api === 'cohere-chat') return /"type": ?"message-end"/.test(text)
  return api === 'messages'
    ? /"type": ?"message_stop"|"stop_reason": ?"/.test(text)
    : /data: ?\[DONE\]|"finish_reason": ?"/.test(text)
}

/** Whether the recorded answer tells what it used. One of zeros tells nothing: no call is without tokens. */
export function tellsUsage({ isStream, answer }: SdkCase): boolean {
  const texts = isStream ? dataLines(answer.body.toString('utf8')) : [answer.body.toString('utf8')]
  const said = texts.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as unknown)
  const usages = said.flatMap((one) => [
    member(one, 'usage'),
    member(one, 'message', 'usage'),
    member(one, 'response', 'usage'),
    promptCounted(one),
    member(one, 'usage', 'billed_units'),
    member(one, 'delta', 'usage', 'billed_units'),
  ])
  return usages.some((usage) => isRecord(usage) && Object.values(usage).some((count) => Number(count) > 0))
}

/** Google's, where it counts the prompt: others are no usage of a call. */
function promptCounted(one: unknown): unknown {
  const usage = member(one, 'usageMetadata')
  return Number(member(usage, 'promptTokenCount')) > 0 ? usage : undefined
}

/** A chunk of chat completions that tells the usage and nothing else, where the client had not asked for any. */
export function isUnaskedUsage(one: SdkCase, piece: unknown): boolean {
  if (one.api !== 'chat' || !one.isStream || asksForUsage(one.body)) return false
  const choices = member(piece, 'choices')
  return isRecord(member(piece, 'usage')) && !(Array.isArray(choices) && choices.length > 0)
}

export function asksForUsage(body: unknown): boolean {
  return member(body, 'stream_options', 'include_usage') === true
}

/** Of Anthropic's events, of those of Responses, of Cohere's, of the AI SDK's parts, and of our own word for an empty piece. */
const openings: ReadonlySet<string> = new Set(
  'opening message_start ping text-start reasoning-start response.created response.in_progress response.queued '
    .concat('message-start content-start')
    .split(' '),
)

/** Whether these chunks or events hold only openings: nothing that a program could act on. */
export function generatesNothing(pieces: readonly unknown[]): boolean {
  return pieces.every((piece) => {
    const type = member(piece, 'type')
    if (typeof type === 'string') return openings.has(type)
    const candidates = member(piece, 'candidates')
    if (Array.isArray(candidates)) return candidates.length === 0
    const choices = member(piece, 'choices')
    if (!Array.isArray(choices)) return true
    return choices.every((choice) => {
      const delta = member(choice, 'delta')
      const { role: _role, ...rest } = isRecord(delta) ? delta : {}
      return !member(choice, 'finish_reason') && Object.values(rest).every((value) => !value)
    })
  })
}

function dataLines(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trim())
}
