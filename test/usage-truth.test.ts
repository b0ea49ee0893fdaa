import { describe, expect, it } from 'vitest'
import { dialects } from '../src/dialects/all.ts'
import { allRecordings, corpusDir, reportMissingCorpus, type Recording } from './corpus.ts'
import exceptions from './usage-truth.exceptions.json' with { type: 'json' }
import { heldBy, isUnforeseen, type Held } from './usage-truth/answers.ts'
import { examine, type Difference, type Finding } from './usage-truth/examine.ts'
import { goldenRecordings } from './usage-truth/golden.ts'
import { tableOf, type Counted } from './usage-truth/table.ts'

/**
 * For every recorded answer of every provider and operation that tells its usage: what our dialects read is what the provider said,
 * number by number, costs that it tells included.
 */
describe('usage truth', () => {
  const all = [...goldenRecordings(), ...allRecordings()].map((recording) => ({ recording, held: heldBy(recording) }))
  if (corpusDir === undefined) reportMissingCorpus('usage truth')
  const judged = all.flatMap(({ recording, held }) => {
    if (held.kind === 'unread') return []
    const file = `${recording.provider}/${recording.api}`
    return held.answers.map((answer): Judged => {
      return { file, id: recording.id, ...examine(dialects[held.dialect], answer, recording) }
    })
  })

  it('M8 what is read is what the provider said, in every recorded answer', () => {
    const wrong = new Map(judged.flatMap((one) => one.differences.map((found) => [keyOf(one, found), found])))
    const listed = new Set(
      exceptions.flatMap((cause) => cause.ids.map((id) => `${cause.api}/${id} ${cause.component}`)),
    )
    const unlisted = [...wrong]
      .filter(([key]) => !listed.has(key))
      .map(([key, { said, read }]) => ({ key, said, read }))
    const needless = corpusDir === undefined ? [] : [...listed].filter((key) => !wrong.has(key))
    const silent = all.flatMap(({ recording, held }) =>
      held.kind === 'answers' && held.answers.length === 0 ? [`${recording.provider}/${recording.api}`] : [],
    )
    console.log(
      tableOf(
        [
          ...judged.map((one) => countedAs(one, listed)),
          ...silent.map((file): Counted => ({ file, outcome: 'no text', isStream: false })),
        ],
        unreadBy(all),
      ),
    )
    expect({ unlisted, needless }).toEqual({ unlisted: [], needless: [] })
  })

  it('every recording is read, or has a reason why not', () => {
    const unforeseen = all.filter(({ held }) => isUnforeseen(held)).map(({ recording }) => recording.id)
    expect(unforeseen).toEqual([])
  })

  it('every exception has a reason and names an answer once', () => {
    for (const cause of exceptions) expect(cause.reason.length).toBeGreaterThan(40)
    const keys = exceptions.flatMap((cause) => cause.ids.map((id) => `${cause.api}/${id} ${cause.component}`))
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('M8 an answer without usage gives no usage, rather than one of zeros', () => {
    const invented = judged.filter((one) => !one.hasTruth && one.usage !== undefined)
    expect(invented.map((one) => one.id)).toEqual([])
  })

  it('M8 a usage read from a stream that ended is final', () => {
    const open = judged.filter((one) => one.hasTruth && !one.isFinal)
    expect(open.map((one) => one.id)).toEqual([])
  })
})

interface Judged extends Finding {
  readonly file: string
  readonly id: string
}

function keyOf({ file, id }: Judged, { component }: Difference): string {
  return `${file}/${id} ${component}`
}

function countedAs(one: Judged, listed: ReadonlySet<string>): Counted {
  const { file, isStream, hasTruth, differences } = one
  if (!hasTruth) return { file, isStream, outcome: 'no usage told' }
  if (differences.length === 0) return { file, isStream, outcome: 'equal' }
  const isListed = differences.every((found) => listed.has(keyOf(one, found)))
  return { file, isStream, outcome: isListed ? 'listed' : 'unlisted' }
}

/** For each file the reasons for which some of it is not read, with how often. */
function unreadBy(
  all: readonly { readonly recording: Recording; readonly held: Held }[],
): ReadonlyMap<string, readonly string[]> {
  const reasons = all.flatMap(({ recording, held }) =>
    held.kind === 'unread' ? [{ file: `${recording.provider}/${recording.api}`, reason: held.reason }] : [],
  )
  const byFile = [...Map.groupBy(reasons, ({ file }) => file)]
  return new Map(
    byFile.map(([file, list]) => [
      file,
      [...Map.groupBy(list, ({ reason }) => reason)].map(([reason, some]) => `${some.length} of ${reason}`),
    ]),
  )
}
