import { Losses } from '../../canonical/loss.ts'
import { editedCalls, type EditedCall } from './edited-calls.ts'
import { differencesOf, spell } from './json-places.ts'
import { attempt, type Bench, type Law, type Trial } from './law.ts'
import { writeSettings } from './retell.ts'
import { short } from './round-trip.ts'

/** An edit of one text shows at one place of the body, whatever else the body holds. */
export const locality: readonly Law[] = (['text', 'tool result', 'tool description'] as const).map((kind) => ({
  name: `locality of an edited ${kind}`,
  trials: (bench) => trials(bench, kind),
}))

function* trials({ subject, exchanges }: Bench, kind: EditedCall['kind']): Generator<Trial> {
  const { readChat, writeChat } = subject.translation
  for (const { id, body } of exchanges.calls) {
    let isHolder = true
    const failures = attempt('the edit', function* () {
      const edits = [...editedCalls(readChat(body))].filter((one) => one.kind === kind)
      isHolder = edits.length > 0
      for (const { before, after, call } of edits) {
        const losses = new Losses()
        const found = [...differencesOf(body, writeChat(call(), losses, writeSettings))]
        const [only] = found
        if (found.length !== 1)
          yield {
            what: found.length === 0 ? 'nothing differs' : 'several places differ',
            detail: found.map(({ path }) => spell(path)).join(', '),
          }
        else if (only?.left !== before || only.right !== after)
          yield {
            what: 'another text differs',
            detail: `${spell(only?.path ?? [])}: ${short(only?.left)} became ${short(only?.right)}`,
          }
        for (const { path } of losses.list()) yield { what: 'names a loss', detail: path }
      }
    })
    if (isHolder) yield { id, failures }
  }
}
