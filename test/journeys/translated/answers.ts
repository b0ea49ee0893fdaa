import { chatGolden } from '../../../src/dialects/laws/material/chat-golden.ts'
import { messagesGolden } from '../../../src/dialects/laws/material/messages-golden.ts'
import { answerBytes, recordings } from '../../corpus.ts'

/** A good answer of a provider. */
export interface ProviderAnswer {
  readonly id: string
  readonly features: readonly string[]
  readonly isStream: boolean
  readonly bytes: Buffer
}

/** Our own cases and, where there is a corpus, everything recorded. */
export function answersOf(api: 'chat' | 'messages'): readonly ProviderAnswer[] {
  const own = api === 'chat' ? chatGolden : messagesGolden
  return [
    ...own.flatMap(({ name, answer, stream }) => [
      ...(answer ? [ownAnswer(name, false, JSON.stringify(answer))] : []),
      ...(stream === undefined ? [] : [ownAnswer(name, true, stream)]),
    ]),
    ...recordings(api)
      .filter(({ response }) => response.status === 200 && response.encoding === 'utf8')
      .map((recording) => ({
        id: recording.id,
        features: recording.features,
        isStream: recording.streaming,
        bytes: answerBytes(recording),
      })),
  ]
}

function ownAnswer(name: string, isStream: boolean, text: string): ProviderAnswer {
  return { id: `golden/${name}`, features: [], isStream, bytes: Buffer.from(text) }
}
