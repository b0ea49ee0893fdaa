import type { JsonObject } from '../canonical/json.ts'
import type { Loss } from '../canonical/loss.ts'
import type { AskedAnswer, StreamHalves } from './guards/asked-answer.ts'
import type { SaidUse } from './said-use.ts'

/** Turns one answer from the provider's dialect into the client's. */
export interface AnswerTranslator {
  /** A unary answer, and what it says of itself. */
  whole(body: JsonObject, said: SaidUse): Buffer
  /** A unary answer that is plain text. */
  text(body: Buffer): Buffer
  /** One frame of a stream; `undefined` when it says nothing in the client's dialect. */
  frame(event: string, data: Buffer): Buffer | undefined
  /** The ending in the client's dialect. Only after the provider's own (failures.md S1). */
  ending(said: SaidUse): Buffer
  /** What the provider said that the client's dialect has no word for. */
  losses(): readonly Loss[]
  /** Where guards elsewhere are asked about it: a whole answer comes from there, and frames wait there. Absent: nobody is asked. */
  readonly asked?: AskedAnswer | undefined
  /** Of a stream that is put into other words. */
  readonly halves?: StreamHalves | undefined
}
