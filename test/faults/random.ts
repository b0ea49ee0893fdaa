import assert from 'node:assert/strict'
import fc from 'fast-check'
import { errorTable } from '../../src/canonical/error.ts'
import type { CallScript, ConnectionFault } from './proxy.ts'
import type { Step } from './script.ts'
import { texts } from './surroundings.ts'
import { checkNothingIsLeft, readAnswer, type ClientDialect, type Ended, type Trial } from './trial.ts'

/** Anything that may happen to one call, at any byte. */
export interface RandomFault {
  readonly alias: 'alone' | 'pair' | 'three' | 'brave' | 'crossed'
  readonly dialect: ClientDialect
  readonly stream: boolean
  /** Connections that are there already may be used. */
  readonly keepsConnections: boolean
  /** The client goes away at so many bytes of the answer, if there are so many. */
  readonly leaves: { readonly atBytes: number; readonly how: 'reset' | 'fin' } | undefined
  /** What is done at each of the three proxies. */
  readonly done: readonly DoneToCall[]
}

type DoneToCall =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'connection'; readonly fault: ConnectionFault }
  | { readonly kind: 'call'; readonly script: CallScript }

/** Beyond the end of every answer of the provider, and of every call. */
const farthest = { down: 6_000, up: 900 } as const

const delayMs = fc.integer({ min: 1, max: 130_000 })
const end: fc.Arbitrary<Step> = fc.constantFrom('reset', 'fin', 'silence').map((how) => ({ kind: 'end', how }) as const)
const harmless: fc.Arbitrary<Step> = delayMs.map((ms) => ({ kind: 'wait', delayMs: ms }))
const drip: fc.Arbitrary<Step> = fc
  .record({ bytes: fc.integer({ min: 1, max: 300 }), everyMs: fc.integer({ min: 1, max: 5_000 }) })
  .map((how) => ({ kind: 'drip', ...how }))
const alters: fc.Arbitrary<Step> = fc.oneof(
  fc.integer({ min: 1, max: 9 }).map((bytes): Step => ({ kind: 'corrupt', bytes })),
  fc
    .record({ bytes: fc.uint8Array({ maxLength: 40 }), insteadOf: fc.nat(40) })
    .map(({ bytes, insteadOf }): Step => ({ kind: 'put', bytes: Buffer.from(bytes), insteadOf })),
  fc
    .constantFrom(
      '\r\n\r\n',
      'data: [DONE]\n\n',
      'data: {}\n\n',
      '0\r\n\r\n',
      'HTTP/1.1 200 OK\r\n\r\n',
      'event: error\n',
    )
    .map((words): Step => ({ kind: 'put', bytes: Buffer.from(words), insteadOf: 0 })),
)

function steps(most: number): fc.Arbitrary<readonly Step[]> {
  const at = fc.nat(most).map((bytes): Step => ({ kind: 'pass', bytes }))
  const one = fc.oneof(
    { weight: 6, arbitrary: end },
    { weight: 2, arbitrary: harmless },
    { weight: 1, arbitrary: drip },
    { weight: 3, arbitrary: alters },
  )
  return fc.array(fc.tuple(at, one), { minLength: 1, maxLength: 2 }).map((pairs) => pairs.flat())
}

const doneToCall: fc.Arbitrary<DoneToCall> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<DoneToCall>({ kind: 'nothing' }) },
  {
    weight: 2,
    arbitrary: fc
      .oneof(
        fc.constantFrom<ConnectionFault>({ kind: 'reset' }, { kind: 'silence' }),
        delayMs.map((ms): ConnectionFault => ({ kind: 'wait', delayMs: ms })),
      )
      .map((fault): DoneToCall => ({ kind: 'connection', fault })),
  },
  { weight: 5, arbitrary: steps(farthest.down).map((down): DoneToCall => ({ kind: 'call', script: { down } })) },
  { weight: 2, arbitrary: steps(farthest.up).map((up): DoneToCall => ({ kind: 'call', script: { up } })) },
)

export const randomFault: fc.Arbitrary<RandomFault> = fc.record({
  alias: fc.constantFrom('alone', 'pair', 'three', 'brave', 'crossed'),
  dialect: fc.constantFrom('chat', 'messages'),
  stream: fc.boolean(),
  keepsConnections: fc.boolean(),
  leaves: fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.record({
        atBytes: fc.integer({ min: 1, max: farthest.down }),
        how: fc.constantFrom('reset', 'fin'),
      }),
    },
  ),
  done: fc.tuple(doneToCall, doneToCall, doneToCall),
})

/** Long enough that few steps reach any limit, short against the shortest. */
const stepMs = 2_500

/**
 * Whatever happens: the client is told the truth, the books are right, and nothing is left open.
 * @param altered gets the ids of exchanges whose bytes were altered.
 */
export async function runRandomFault(
  { house, ask, ends }: Trial,
  fault: RandomFault,
  altered: Set<string>,
): Promise<void> {
  const { one, two, three } = house.around
  const proxies = [one, two, three]
  if (!fault.keepsConnections) await Promise.all(proxies.map((proxy) => proxy.hangUp()))
  for (const [place, done] of fault.done.entries()) {
    if (done.kind === 'call') proxies[place]?.nextCall(done.script)
    if (done.kind === 'connection') proxies[place]?.nextConnection(done.fault)
  }
  const asked = ask(fault.alias, { dialect: fault.dialect, stream: fault.stream })
  const { leaves } = fault
  if (leaves) void asked.sawBytes(leaves.atBytes).then(() => asked.leave(leaves.how))
  const ended = await ends(asked, stepMs)
  for (const proxy of proxies) proxy.forget()
  if (isAltered(fault)) altered.add(ended.id)
  // Who went away is told nothing more; the books were looked at all the same.
  if (ended.isWhole || !leaves) checkTruth(fault, ended)
  await checkNothingIsLeft(house)
}

function checkTruth(fault: RandomFault, { status, text, isWhole, records }: Ended): void {
  const { dialect, stream } = fault
  assert.ok(status > 0 && isWhole, `the client was left without an answer: ${status} ${text}`)
  const last = records.at(-1)
  if (status !== 200) {
    assert.match(text, dialect === 'chat' ? /^\{"error":\{/ : /^\{"type":"error"/)
    assert.ok(status >= 400 && last?.status === 'failed' && Object.hasOwn(errorTable, last.errorKind ?? ''))
    return
  }
  // Where bytes were altered nobody can know what the provider said; that the books agree was seen already.
  if (isAltered(fault)) return
  const answer = readAnswer(text, dialect, stream)
  const source = Object.values(texts).find((whole) => answer.text !== '' && whole.startsWith(answer.text))
  assert.ok(source !== undefined, `not the begin of one answer: ${answer.text}`)
  // A cut may come between the reason of the end and the end: then the whole text is there, and the error all the same.
  const isCut = (dialect === 'chat' ? /data: \{"error":\{[^\n]*\n\n$/ : /event: error\ndata: [^\n]*\n\n$/).test(text)
  assert.equal(last?.status, isCut ? 'truncated' : 'ok')
  if (isCut) assert.ok(!/\[DONE\]|"message_stop"/.test(text), `an ordinary end and an error: ${text}`)
  if (!isCut || answer.isEnded) assert.deepEqual([answer.text, answer.isEnded], [source, true])
  assert.ok(last && last.outputText >= answer.text.split(' ').length, `${last?.outputText} tokens for ${answer.text}`)
}

function isAltered({ done }: RandomFault): boolean {
  return done.some(
    (one) =>
      one.kind === 'call' &&
      [...(one.script.up ?? []), ...(one.script.down ?? [])].some(({ kind }) => kind === 'put' || kind === 'corrupt'),
  )
}
