import { errorTable, GatewayError, type ErrorKind } from '../../canonical/error.ts'
import { framesIn, type ProblemCase } from './exchanges.ts'
import { kindAsProvider } from './kind-as-provider.ts'
import { attempt, type Failure, type Speaker, type Trial } from './law.ts'
import { factsOf } from './meanings.ts'

export interface ErrorBench {
  readonly subject: Speaker
  /** Every dialect of the same operation, this one among them. */
  readonly speakers: readonly Speaker[]
  readonly problems: readonly ProblemCase[]
}

export interface ErrorLaw {
  readonly name: string
  readonly trials: (bench: ErrorBench) => Iterable<Trial>
}

/** A provider's trouble is the same trouble to every client, whatever either of them speaks. */
export const errorsKeepKind: readonly ErrorLaw[] = [
  { name: 'errors keep their kind', trials: everyKind },
  { name: 'recorded errors keep their kind', trials: everyProblem },
]

function* everyKind({ subject, speakers }: ErrorBench): Generator<Trial> {
  for (const other of speakers)
    for (const kind of kinds)
      yield {
        id: `kind/${kind}`,
        to: other.name,
        failures: attempt('telling', () => [
          ...retold(subject, other, kind),
          ...readInOtherShape(subject, other, kind),
        ]),
      }
}

function* everyProblem({ subject, speakers, problems }: ErrorBench): Generator<Trial> {
  for (const other of speakers)
    for (const { id, status, body } of problems)
      yield {
        id,
        to: other.name,
        failures: attempt('telling', () => {
          const { kind, message } = subject.readProblem(status, body)
          return told(other, new GatewayError(kind, message), kind)
        }),
      }
}

/** A provider that speaks `subject` has this trouble; a client that speaks `other` is told. */
function retold(subject: Speaker, other: Speaker, kind: ErrorKind): readonly Failure[] {
  const theirs = new GatewayError(kind)
  const unary = subject.readProblem(theirs.status, subject.writeProblem(theirs, requestId)).kind
  const frames = framesIn(Buffer.from(subject.writeStreamProblem(theirs, requestId)))
  const streamed = factsOf(subject, frames).problem?.kind
  return [
    ...different('the kind read from a body', kindAsProvider[kind], unary),
    ...(streams(subject) ? different('the kind read from a stream', kindAsProvider[kind], streamed) : []),
    ...told(other, new GatewayError(unary), unary),
  ]
}

/** What a client is told of a provider's trouble, read by another gateway. */
function told(other: Speaker, problem: GatewayError, kind: ErrorKind): readonly Failure[] {
  const unary = other.readProblem(problem.status, other.writeProblem(problem, requestId))
  const frames = framesIn(Buffer.from(other.writeStreamProblem(problem, requestId)))
  const streamed = factsOf(other, frames).problem?.kind
  return [
    ...different('the kind told in a body', kindAsProvider[kind], unary.kind),
    ...(streams(other) ? different('the kind told in a stream', kindAsProvider[kind], streamed) : []),
  ]
}

function streams({ operation }: Speaker): boolean {
  return operation === 'chat'
}

/** A proxy between provider and gateway answers in a shape of its own. */
function readInOtherShape(subject: Speaker, other: Speaker, kind: ErrorKind): readonly Failure[] {
  const theirs = new GatewayError(kind)
  const found = subject.readProblem(theirs.status, other.writeProblem(theirs, requestId)).kind
  return different('the kind read from the other shape', kindAsProvider[kind], found)
}

function different(what: string, expected: ErrorKind, found: ErrorKind | undefined): readonly Failure[] {
  return found === expected
    ? []
    : [{ what: `${what} differs`, detail: `${expected} is read as ${found ?? 'no problem'}` }]
}

const requestId = 'req_law'
const kinds = Object.keys(errorTable).filter((kind): kind is ErrorKind => kind in errorTable)
