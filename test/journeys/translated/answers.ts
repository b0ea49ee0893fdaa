import { chatGolden } from '../../../src/dialects/laws/material/chat-golden.ts'
import { cohereGolden } from '../../../src/dialects/laws/material/cohere-golden.ts'
import { generateGolden } from '../../../src/dialects/laws/material/generate-golden.ts'
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
export function answersOf(api: keyof typeof goldens): readonly ProviderAnswer[] {
  return [
    ...goldens[api].flatMap(({ name, answer, stream }) => [
      ...(answer ? [ownAnswer(name, false, JSON.stringify(answer))] : []),
      ...(stream === undefined ? [] : [ownAnswer(name, true, stream)]),
    ]),
    ...recordings(api)
      // The first version of Cohere's API is another dialect.
      .filter(({ request }) => request?.path !== '/v1/chat')
      .filter(({ response }) => response.status === 200 && response.encoding === 'utf8')
      .map((recording) => ({
        id: recording.id,
        features: recording.features,
        isStream: recording.streaming,
        bytes: answerBytes(recording),
      })),
  ]
}

const goldens = {
  chat: chatGolden,
  messages: messagesGolden,
  'cohere-chat': cohereGolden,
  generate: generateGolden,
} as const

function ownAnswer(name: string, isStream: boolean, text: string): ProviderAnswer {
  return { id: `golden/${name}`, features: [], isStream, bytes: Buffer.from(text) }
}
