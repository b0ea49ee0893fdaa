import { Refusal, type PromptPart } from './question.ts'

/** The conversations up to each kept response, so that a later call may build on one. */
export interface ResponseMemory {
  keep(id: string, conversation: readonly PromptPart[]): void
  /** @throws Refusal 400 for a response that was never kept, or is forgotten. */
  recall(id: string): readonly PromptPart[]
}

/** Responses kept; the oldest are forgotten. */
const keptResponses = 1_000

export function openResponseMemory(): ResponseMemory {
  const conversations = new Map<string, readonly PromptPart[]>()
  return {
    keep: (id, conversation) => {
      conversations.set(id, conversation)
      for (const oldest of conversations.keys()) {
        if (conversations.size <= keptResponses) break
        conversations.delete(oldest)
      }
    },
    recall: (id) => {
      const found = conversations.get(id)
      if (!found) throw new Refusal(400, `there is no response "${id}" here`, 'previous_response_id')
      return found
    },
  }
}
