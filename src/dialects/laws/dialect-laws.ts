import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventBytes, recordings, reportMissingCorpus, type Recording } from '../../../test/corpus.ts'
import { errorTable, GatewayError, type ErrorKind } from '../../canonical/error.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { isJsonObject } from '../../canonical/json.ts'
import type { Usage } from '../../canonical/usage.ts'
import type { Dialect } from '../dialect.ts'
import { hostileFrame, hostileObject, withHostileNumbers } from './hostile-values.ts'
import { kindAsProvider } from './kind-as-provider.ts'
import { ones, playStream, seededSizes } from './play-stream.ts'

/** What a member brings of its own, for the laws to hold where no recordings are. */
export interface LawCases {
  /** The recorded APIs that are this dialect. */
  readonly apis: readonly string[]
  /** The recorded providers that speak it there. `undefined`: all. */
  readonly providers: readonly string[] | undefined
  /** Recordings that hold several answers, one after the other: none of the laws is about such. */
  readonly leftOut: readonly string[]
  /** The smallest body there is. */
  readonly body: JsonObject
  /** A whole answer that tells its usage in every number the dialect knows. */
  readonly reply: JsonObject
  /** `undefined`: nothing is ever billed. */
  readonly usage: Usage | undefined
  /** The same answer as a stream, with comments, pings and an opening. `undefined`: the dialect has no streams. */
  readonly stream: string | undefined
}

/** The laws of the reading half, and of errors. Those of translation run on all members at once (`test/laws/laws.test.ts`). */
export function dialectLaws(dialect: Dialect, cases: LawCases): void {
  const recorded = recordings(...cases.apis)
    .filter(({ provider }) => cases.providers?.includes(provider) ?? true)
    .filter(({ id }) => !cases.leftOut.includes(id))
  if (recorded.length === 0) reportMissingCorpus(`laws of ${dialect.name}`)
  const streams = streamsOf(dialect, cases, recorded)

  describe(`laws of ${dialect.name}`, () => {
    it('every recorded call that a provider answered can be read', () => {
      const refused = recorded.filter(isAnswered).filter(({ request }) => {
        const body: unknown = request?.body
        // Some clouds have the model in the path; for a client of ours it is always in the body.
        return isJsonObject(body) && 'model' in body && !canBeRead(dialect, body)
      })
      expect(refused.map(({ id }) => id)).toEqual([])
    })

    it('usage is the provider’s own, from a body and from a stream alike (M8)', () => {
      expect(dialect.readReply(cases.reply).usage).toEqual(cases.usage)
      for (const stream of streams.filter(({ isOwn }) => isOwn)) {
        const { facts } = playStream(dialect, stream.call, stream.bytes)
        expect(facts.usage).toEqual(cases.usage)
        expect(facts.isUsageFinal).toBe(true)
      }
    })

    it('M13 a hostile number in a usage makes the usage absent, never zero, never larger', () => {
      for (const { reply, value } of withHostileNumbers(cases.reply)) {
        const { usage } = dialect.readReply(reply)
        // A number that the dialect does not act on may be anything.
        expect([undefined, JSON.stringify(cases.usage)], JSON.stringify(value)).toContain(
          usage && JSON.stringify(usage),
        )
      }
    })

    it('S6 any cut of the bytes gives the same meanings and facts', () => {
      for (const { id, call, bytes } of streams) {
        const whole = playStream(dialect, call, bytes)
        if (bytes.length <= byteByByteBytes) expect(playStream(dialect, call, bytes, ones()), id).toEqual(whole)
        for (const seed of [1, 2]) expect(playStream(dialect, call, bytes, seededSizes(seed, 400)), id).toEqual(whole)
      }
    })

    it('S6 line ends of CRLF and of CR give the same meanings and facts', () => {
      for (const { id, call, bytes, isOwn } of streams) {
        if (bytes.includes('\r') || (!isOwn && bytes.length > byteByByteBytes)) continue
        const whole = playStream(dialect, call, bytes)
        for (const lineEnd of ['\r\n', '\r']) {
          const other = Buffer.from(bytes.toString('utf8').replaceAll('\n', lineEnd))
          const { meanings, facts } = playStream(dialect, call, other)
          expect({ meanings, facts }, id).toEqual({ meanings: whole.meanings, facts: whole.facts })
        }
      }
    })

    it('S1 no frame but the last ends a stream, and a usage told before the answer is complete is not final', () => {
      for (const { id, call, bytes } of streams) {
        const { meanings, factsAfter } = playStream(dialect, call, bytes)
        expect(meanings.slice(0, -1), id).not.toContain('end')
        for (const facts of factsAfter) expect(facts.isUsageFinal && !facts.isComplete, id).toBe(false)
      }
    })

    it('bytes of text never shrink and are at least one for each content frame', () => {
      for (const { id, call, bytes } of streams) {
        let before = 0
        for (const facts of playStream(dialect, call, bytes).factsAfter) {
          expect(facts.textBytes, id).toBeGreaterThanOrEqual(Math.max(before, facts.contentFrames))
          before = facts.textBytes
        }
      }
    })

    it('errors keep their kind: what we write, read as a provider’s, is the same trouble', () => {
      const retold = kinds.map((kind) => {
        const problem = new GatewayError(kind)
        return [kind, dialect.readProblem(problem.status, dialect.writeProblem(problem, 'req_1')).kind]
      })
      expect(Object.fromEntries(retold)).toEqual(kindAsProvider)
    })

    it('an error names its kind and the exchange, and nothing of its cause', () => {
      for (const kind of kinds) {
        const problem = new GatewayError(kind, undefined, { cause: new Error('sk-canary'), param: 'messages' })
        const texts = [
          JSON.stringify(dialect.writeProblem(problem, 'req_1')),
          dialect.writeStreamProblem(problem, 'req_1'),
        ]
        for (const text of texts) {
          expect(text).toContain(`"${kind}"`)
          expect(text).toContain('"req_1"')
          expect(text).not.toContain('canary')
        }
        expect(texts[1]).toMatch(/^(?:event: [A-Za-z-]+\n)?data: \{.*\}\n\n$/)
      }
    })

    it('no JSON and no bytes, of a client or of a provider, make a reader fail otherwise than by refusing', () => {
      const runs = { seed: 7, numRuns: 300 }
      const clients = fc.property(hostileObject, (members) => {
        canBeRead(dialect, { ...cases.body, ...members })
      })
      const providers = fc.property(hostileObject, fc.integer({ min: 100, max: 999 }), (body, status) => {
        dialect.readReply(body)
        expect(dialect.readProblem(status, body).message.length).toBeLessThanOrEqual(2000)
      })
      const call = dialect.readCall(cases.body)
      const frames = fc.property(fc.array(hostileFrame), fc.constantFrom('', 'error', 'ping'), (data, event) => {
        const reader = dialect.openStream(call)
        for (const one of data) reader.read(event, Buffer.from(one))
        const { textBytes, contentFrames } = reader.facts()
        expect(textBytes).toBeGreaterThanOrEqual(contentFrames)
      })
      fc.assert(clients, runs)
      fc.assert(providers, runs)
      fc.assert(frames, runs)
    })

    it('an error inside a stream is told as one, before and after content', () => {
      for (const { call, bytes, isOwn } of streams) {
        if (!isOwn) continue
        const problem = Buffer.from(dialect.writeStreamProblem(new GatewayError('upstream_overloaded'), 'req_1'))
        for (const opening of [Buffer.alloc(0), bytes.subarray(0, Math.floor(bytes.length / 2))]) {
          const cut = opening.subarray(0, opening.lastIndexOf('\n\n') + 2)
          const { meanings, facts } = playStream(dialect, call, Buffer.concat([cut, problem]))
          expect(meanings.at(-1)).toBe('error')
          expect(facts.problem?.kind).toBe('upstream_overloaded')
        }
      }
    })
  })
}

/** One byte at a time is slow: beyond this size seeded cuts must do. */
const byteByByteBytes = 6_000

const kinds = Object.keys(errorTable).filter((kind): kind is ErrorKind => kind in errorTable)

interface StreamCase {
  readonly id: string
  readonly isOwn: boolean
  readonly call: ReturnType<Dialect['readCall']>
  readonly bytes: Buffer
}

function streamsOf(dialect: Dialect, cases: LawCases, recorded: readonly Recording[]): readonly StreamCase[] {
  if (cases.stream === undefined) return []
  const call = dialect.readCall({ ...cases.body, stream: true })
  const own = { id: 'own', isOwn: true, call, bytes: Buffer.from(cases.stream) }
  const others = recorded
    .filter(isAnswered)
    .map((recording) => ({ id: recording.id, isOwn: false, call, bytes: eventBytes(recording) }))
    .flatMap(({ bytes, ...rest }) => (bytes ? [{ ...rest, bytes }] : []))
  return [own, ...others]
}

function isAnswered({ response }: Recording): boolean {
  return response.status === 200
}

function canBeRead(dialect: Dialect, body: JsonObject): boolean {
  try {
    dialect.readCall(body)
    return true
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.kind === 'invalid_request') return false
    throw thrown
  }
}
