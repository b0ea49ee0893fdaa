import type { Message } from '../../../canonical/chat.ts'
import type { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'

/**
 * The turns of a call of another dialect as those demand them in which results follow the turn of their calls at once: neighbouring
 * turns of the assistant are one, as Anthropic and Google take them too, and what was said between results of one turn's calls
 * follows the last of these.
 */
export function toldTogether(messages: readonly Message[], losses: Losses): readonly Message[] {
  const told: Message[] = []
  for (const run of runsOf(messages)) {
    const called = callsOf(told.at(-1))
    if (run[0]?.role === 'assistant') told.push(...joined(run, losses))
    else told.push(...resultsFirst(run, called, losses))
  }
  return told
}

/** The turns of the assistant that stand together, and those of all others. No run is empty. */
function runsOf(messages: readonly Message[]): readonly (readonly Message[])[] {
  const runs: Message[][] = []
  for (const message of messages) {
    const last = runs.at(-1)
    if (last && (last[0]?.role === 'assistant') === (message.role === 'assistant')) last.push(message)
    else runs.push([message])
  }
  return runs
}

/** Of the first of them its writer gives account. Empty texts, with which streams end, say nothing. */
function joined([first, ...others]: readonly Message[], losses: Losses): readonly Message[] {
  if (first === undefined) return []
  for (const message of others) losses.account(message, ['role', 'blocks'])
  const blocks = [first, ...others].flatMap((message) => message.blocks)
  const told = blocks.filter((block) => {
    if (block.kind !== 'text' || block.text !== '') return true
    losses.account(block, ['kind', 'text', 'cache'])
    return false
  })
  return [others.length === 0 && told.length === blocks.length ? first : edit(first, { blocks: told })]
}

function callsOf(message: Message | undefined): ReadonlySet<string> {
  const calls = message?.blocks.filter((block) => block.kind === 'tool-use') ?? []
  return new Set(calls.map(({ id }) => id))
}

function resultsFirst(run: readonly Message[], called: ReadonlySet<string>, losses: Losses): readonly Message[] {
  const last = run.findLastIndex(({ blocks }) =>
    blocks.some((block) => block.kind === 'tool-result' && called.has(block.toolUseId)),
  )
  if (run.slice(0, Math.max(last, 0)).every(isOnlyResults)) return run
  const results: Message[] = []
  const others: Message[] = []
  for (const message of run.slice(0, last + 1)) {
    const given = message.blocks.filter(({ kind }) => kind === 'tool-result')
    if (given.length > 0 && others.length > 0) losses.approximated(message, 'blocks', movedWhy)
    const rest = message.blocks.filter(({ kind }) => kind !== 'tool-result')
    if (given.length > 0) results.push(rest.length === 0 ? message : edit(message, { blocks: given }))
    if (given.length === 0) others.push(message)
    else if (rest.length > 0) others.push(edit(message, { blocks: rest }))
  }
  return [...results, ...others, ...run.slice(last + 1)]
}

const movedWhy = 'moved up to the results of the other calls, before what was said between them'

/** What has no word here stands between nothing. */
function isOnlyResults({ blocks }: Message): boolean {
  return blocks.every(({ kind }) => kind === 'tool-result' || kind === 'opaque')
}
