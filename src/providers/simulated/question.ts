import type { Json } from '../../canonical/json.ts'
import type { Behaviour } from './behaviour.ts'

/** What the simulated provider understands of a call, whatever the dialect. */
export interface Question {
  /** The model name without its parameters. */
  readonly baseName: string
  readonly behaviour: Behaviour
  readonly isStream: boolean
  /** Whether a stream is to tell usage. */
  readonly wantsUsage: boolean
  /** The whole input in the order in which a prompt cache sees it: tools, system, messages. */
  readonly prompt: readonly PromptPart[]
  /** The text of the last message of the user's. */
  readonly lastText: string
  readonly tools: readonly Tool[]
  readonly toolChoice: 'auto' | 'required' | 'none' | { readonly name: string }
  readonly mayCallSeveral: boolean
  /** The conversation ends with a tool's result, so that now an answer is due. */
  readonly endsWithToolResult: boolean
  /** Of each choice. */
  readonly maxTokens: number | undefined
  readonly choiceCount: number
  readonly stopSequences: readonly string[]
  /** The answer must be JSON: of this schema, or any for `true`. */
  readonly jsonSchema: Json | undefined
}

export interface PromptPart {
  readonly text: string
  readonly tokens: number
  /** The prompt up to and with this part is to be cached, for so long. */
  readonly cache: '5m' | '1h' | undefined
}

export interface Tool {
  readonly name: string
  readonly schema: Json | undefined
}

/** A call that the simulated provider refuses, in the words of either dialect. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly param: string | undefined

  constructor(status: number, message: string, param?: string) {
    super(message)
    this.status = status
    this.param = param
  }
}

/** Tokens that each message costs beyond its text, and each image, of whatever size. */
export const messageTokens = 3
export const imageTokens = 85
