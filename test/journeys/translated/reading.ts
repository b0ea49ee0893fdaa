/** What a program reads of an answer, whatever the SDK: the same of one provider's answer through either. */
export interface Reading {
  readonly text: string
  readonly thoughts: string
  readonly toolCalls: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly ending: string
  readonly inputTokens: number
  readonly outputTokens: number
}

/** With the headers of the answer, for what the gateway says of it. */
export interface Answered {
  readonly reading: Reading
  readonly headers: Headers
}
