import type { JsonObject } from '../../canonical/json.ts'
import type { BodyEdit } from '../dialect.ts'

/** The cap has one name here. Said aloud where it was left out: not every server keeps to the published default. */
export function outputCapEdits(body: JsonObject, tokens: number): readonly BodyEdit[] {
  return body['max_tokens'] === tokens ? [] : [{ key: 'max_tokens', value: tokens }]
}
