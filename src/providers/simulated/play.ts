import type { Behaviour, Faults } from './behaviour.ts'
import type { Listener } from './listener.ts'
import type { Pace } from './pace.ts'
import type { Script } from './script.ts'

export type Ending =
  /** As answers end. */
  | 'whole'
  /** With an error inside a success. */
  | 'error'
  /** We broke the connection. */
  | 'cut'
  /** We fell silent, until the client went away. */
  | 'stalled'
  /** The client went away. */
  | 'client-gone'

/** What came of an answer. */
export interface Played {
  readonly ended: Ending
  /** Output tokens written to the client. */
  readonly servedTokens: number
  /** Output tokens made, and so billed. */
  readonly madeTokens: number
}

const streamHead = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache']

/** Plays an answer as a stream, with the faults that were asked for. */
export async function playStream(
  script: Script,
  behaviour: Behaviour,
  faults: Faults,
  pace: Pace,
  listener: Listener,
  headers: readonly string[],
): Promise<Played> {
  const isPatient = behaviour.billsToEnd
  const count = { servedTokens: 0, madeTokens: 0 }
  await listener.wait(pace.delayMs, isPatient)
  if (listener.isGone && !isPatient) return { ended: 'client-gone', ...count }
  if (faults.cut === 'before_headers') return cutNow(listener, 'rst', count)
  listener.head(200, [...streamHead, ...headers])
  if (faults.cut === 'headers') return cutNow(listener, 'rst', count)
  // Without a place, a cut comes when all content is out.
  const cutAfter = faults.cut === undefined ? undefined : (faults.cutAfter ?? Number.POSITIVE_INFINITY)
  let contentEvents = 0
  for (const event of script.events()) {
    const isDue = (after: number | undefined): boolean =>
      after !== undefined && (event.kind === 'ending' || (event.kind === 'content' && contentEvents >= after))
    if (isDue(faults.errorAfter)) {
      listener.end(script.errorEvent)
      return { ended: 'error', ...count }
    }
    if (isDue(cutAfter)) {
      if (faults.cut !== 'end') return cutNow(listener, faults.cut === 'fin' ? 'fin' : 'rst', count)
      listener.end()
      return { ended: 'cut', ...count }
    }
    if (isDue(faults.stallAfter)) {
      await listener.gone
      return { ended: 'stalled', ...count }
    }
    if (event.kind === 'content') {
      await listener.wait(pace.nextTokenMs(), isPatient)
      if (faults.isBadJson && contentEvents === 1) await listener.write('data: {"this is": no JSON\n\n')
      contentEvents += 1
    }
    if (listener.isGone && !isPatient) break
    if (!listener.isGone) {
      await listener.write(event.text)
      count.servedTokens += event.tokens
    }
    count.madeTokens += event.tokens
  }
  if (listener.isGone) return { ended: 'client-gone', ...count }
  listener.end()
  return { ended: 'whole', ...count }
}

/** Plays an answer as one body, once all of its tokens would be there. */
export async function playWhole(
  script: Script,
  outputTokens: number,
  behaviour: Behaviour,
  faults: Faults,
  pace: Pace,
  listener: Listener,
  headers: readonly string[],
): Promise<Played> {
  const isPatient = behaviour.billsToEnd
  const count = { servedTokens: 0, madeTokens: 0 }
  await listener.wait(pace.delayMs, isPatient)
  if (faults.cut === 'before_headers') return cutNow(listener, 'rst', count)
  while (count.madeTokens < outputTokens) {
    await listener.wait(pace.nextTokenMs(), isPatient)
    if (listener.isGone && !isPatient) break
    count.madeTokens += 1
  }
  if (listener.isGone) return { ended: 'client-gone', ...count }
  if (faults.stallAfter !== undefined) {
    await listener.gone
    return { ended: 'stalled', ...count }
  }
  const body = Buffer.from(JSON.stringify(faults.errorAfter === undefined ? script.body() : script.errorBody))
  const sent = faults.isBadJson ? body.subarray(0, body.length >> 1) : body
  listener.head(200, ['content-type', 'application/json', 'content-length', String(sent.length), ...headers])
  if (faults.cut !== undefined) {
    if (faults.cut !== 'headers') await listener.write(sent.subarray(0, sent.length >> 1))
    return cutNow(listener, faults.cut === 'fin' || faults.cut === 'end' ? 'fin' : 'rst', count)
  }
  await listener.write(sent)
  listener.end()
  if (listener.isGone) return { ended: 'client-gone', ...count }
  if (faults.errorAfter !== undefined) return { ended: 'error', ...count, madeTokens: 0 }
  return { ended: 'whole', servedTokens: outputTokens, madeTokens: outputTokens }
}

async function cutNow(
  listener: Listener,
  how: 'rst' | 'fin',
  count: Pick<Played, 'servedTokens' | 'madeTokens'>,
): Promise<Played> {
  await listener.cut(how)
  return { ended: 'cut', ...count }
}
