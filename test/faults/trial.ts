import assert from 'node:assert/strict'
import type { ExchangeBody, UsageRecordBody } from '../../src/admin/contract/exchange.ts'
import { within } from '../crash/node-process.ts'
import { call, type ClientCall, type Told } from './client.ts'
import type { House } from './house.ts'
import { texts } from './surroundings.ts'

/** One fault, by its number in failures.md D3, and what has to come of it. */
export interface FaultCase {
  readonly fault: number
  /** A sentence that begins with `fault N`. */
  readonly name: string
  run(trial: Trial): Promise<void>
}

export type ClientDialect = 'chat' | 'messages'

export interface AskSettings {
  readonly stream?: boolean
  readonly dialect?: ClientDialect
  /** Said to the provider, for aliases that leave it to the caller: `?usage=none` (`simulated/behaviour.ts`). */
  readonly query?: string
  /** Put over the body. */
  readonly more?: object
  /** Where to, if not straight to the gateway. */
  readonly origin?: string
}

/** A call that is under way, known to the gateway's log by the name of its model. */
export interface AskedCall extends ClientCall {
  readonly modelName: string
}

/** What a gateway has in its books of one exchange. */
export interface Booked {
  readonly id: string
  readonly records: readonly UsageRecordBody[]
}

export type Ended = Told & Booked

export interface Trial {
  readonly house: House
  /** Asks for a model of the config (`surroundings.ts`), under a name that nobody has asked for before. */
  ask(alias: string, settings?: AskSettings): AskedCall
  /** What was booked of a call that has ended, once it is: one record for each attempt, and each attempt once on the wire. */
  booked(asked: AskedCall): Promise<Booked>
  /**
   * What the client was told, and what was booked.
   * @param stepMs in which time passes meanwhile: short, where only a wait before another attempt can be due.
   */
  ends(asked: AskedCall, stepMs?: number): Promise<Ended>
}

const shortStepMs = 100

let asked = 0

/** Runs one case between two checks: fresh connections before it; after it nothing is left over, and a healthy call is served. */
export async function runCase(house: House, { name, run }: Pick<FaultCase, 'name' | 'run'>): Promise<void> {
  const trial = openTrial(house)
  await within(name, async () => {
    await hangUpAll(house)
    await run(trial)
    await checkNothingIsLeft(house)
    await checkHealth(trial)
  })
}

export function openTrial(house: House): Trial {
  const { origin, key } = house
  const trial: Trial = {
    house,
    ask: (alias, { stream = false, dialect = 'chat', query = '', more = {}, origin: to = origin } = {}) => {
      asked += 1
      const modelName = `${alias}/${asked}${query}`
      const path = dialect === 'chat' ? '/v1/chat/completions' : '/v1/messages'
      const messages = [{ role: 'user', content: 'What does a weir do?' }]
      const body = { model: modelName, messages, max_tokens: 200, ...(stream ? { stream } : {}), ...more }
      return { modelName, ...call({ origin: to, path, key, body }) }
    },
    booked: async ({ modelName }) => {
      const id = await loggedId(house, modelName)
      const answer = await fetch(`${house.adminOrigin}/api/exchanges/${id}`, {
        headers: { authorization: `Bearer ${house.adminKey}` },
      })
      assert.equal(answer.status, 200, `the exchange ${id} has no record`)
      const { records } = (await answer.json()) as ExchangeBody
      checkBooks(house, modelName, records)
      return { id, records }
    },
    ends: async (one, stepMs = shortStepMs) => {
      // Only until the client has its answer: questions to the admin API have limits of their own.
      const told = await house.elapseUntil(one.over, stepMs)
      return { ...told, ...(await trial.booked(one)) }
    },
  }
  return trial
}

async function hangUpAll({ around }: House): Promise<void> {
  const { one, two, three, raw } = around
  await Promise.all([one.hangUp(), two.hangUp(), three.hangUp()])
  for (const socket of raw.sockets) socket.end()
}

/** The exchange is over when its line is in the log. */
async function loggedId(house: House, modelName: string): Promise<string> {
  for (;;) {
    const line = house
      .logged()
      .split('\n')
      .find((text) => text.includes(`"model":${JSON.stringify(modelName)}`) && text.includes('"msg":"exchange"'))
    const id = line === undefined ? undefined : /"requestId":"([^"]+)"/.exec(line)?.[1]
    if (id !== undefined) return id
    await house.moment()
  }
}

/** I5: one record for each attempt, and no end left open. M9: each attempt was on the wire once, or not at all and says so. */
function checkBooks({ around }: House, modelName: string, records: readonly UsageRecordBody[]): void {
  const numbers = records.map(({ attempt }) => attempt)
  const isRefusal = numbers[0] === 0
  assert.deepEqual(numbers, isRefusal ? [0] : numbers.map((_, place) => place + 1), `the attempts of ${modelName}`)
  assert.ok(!records.some(({ status }) => status === 'unknown'), `${modelName} has an attempt without an end`)
  for (const { failureClass, inputUncached, outputText } of records)
    if (failureClass === 'not-sent') assert.equal(inputUncached + outputText, 0, 'what was not sent costs nothing')
  const sent = wireCalls(around, modelName)
  const [most, least] = [['not-sent'], ['not-sent', 'unknown', 'stale']].map(
    (unseen) =>
      records.filter(({ attempt, failureClass }) => attempt > 0 && !unseen.includes(failureClass ?? '')).length,
  )
  assert.ok(
    most !== undefined && least !== undefined && sent >= least && sent <= most,
    `${modelName} was sent ${sent} times; recorded: ${records.map((one) => `${one.status} ${one.failureClass}`).join(', ')}`,
  )
}

/** How often a call was seen on the way to a provider: every call asks for a model of its own. */
function wireCalls({ one, two, three, raw }: House['around'], modelName: string): number {
  const [number = ''] = /(?<=\/)\d+/.exec(modelName) ?? []
  const asksFor = new RegExp(`"model":"(one|two|three|raw)-${number}["?]`)
  const passed = [one, two, three].flatMap((proxy) => proxy.calls.map(({ up }) => up.toString('latin1', 0, 8_192)))
  return [...passed, ...raw.calls].filter((text) => asksFor.test(text)).length
}

/** No script that nobody called for, no exchange under way, no connection that the gateway does not let go of, no bug. */
export async function checkNothingIsLeft(house: House): Promise<void> {
  const { one, two, three, rawAnswers } = house.around
  assert.deepEqual([one.forget(), two.forget(), three.forget(), rawAnswers.splice(0).length], [0, 0, 0, 0])
  await hangUpAll(house)
  for (;;) {
    const metrics = await (await fetch(`${house.adminOrigin}/metrics`)).text()
    if (/^weir_exchanges_running 0$/m.test(metrics) && one.open + two.open + three.open === 0) break
    await house.moment()
  }
  assert.ok(!house.logged().includes('"msg":"bug"'), house.logged())
}

async function checkHealth(trial: Trial): Promise<void> {
  for (const stream of [false, true]) {
    const healthy = trial.ask('calm', { stream })
    const { status, text, records } = await trial.ends(healthy)
    const reasons = records.map(
      (one) => `${one.provider} ${one.status} ${one.failureClass} ${one.errorKind}: ${one.reason}`,
    )
    assert.equal(status, 200, text)
    assert.deepEqual(readAnswer(text, 'chat', stream), { text: texts.one, isEnded: true }, reasons.join('\n'))
    assert.equal(records.length, 1, reasons.join('\n'))
  }
}

/** Holds records against what is expected of them: as many, in this order, and alike in what is mentioned. */
export function checkRecords(
  records: readonly UsageRecordBody[],
  expected: readonly Readonly<Partial<UsageRecordBody>>[],
): void {
  const mentioned = records.map((record, place) => {
    const names = Object.keys(expected[place] ?? { provider: true, status: true, failureClass: true })
    return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)))
  })
  assert.deepEqual(mentioned, expected)
}

/** What a client makes of an answer: its words, and whether the dialect's own ending came. */
export function readAnswer(
  text: string,
  dialect: ClientDialect,
  isStream: boolean,
): { text: string; isEnded: boolean } {
  if (!isStream) {
    const pattern = dialect === 'chat' ? /"content":"([^"]*)"/ : /"text":"([^"]*)"/
    return { text: pattern.exec(text)?.[1] ?? '', isEnded: /"(stop|end_turn|length|max_tokens)"/.test(text) }
  }
  const pattern = dialect === 'chat' ? /"delta":\{[^}]*"content":"([^"]*)"/g : /"text_delta","text":"([^"]*)"/g
  const words = [...text.matchAll(pattern)].map(([, word]) => word).join('')
  return { text: words, isEnded: isOrdinaryEnd(text, dialect) }
}

/** Any of what makes a client take an answer for finished (failures.md S1). */
function isOrdinaryEnd(text: string, dialect: ClientDialect): boolean {
  return dialect === 'chat'
    ? text.includes('data: [DONE]') || /"finish_reason":"/.test(text)
    : text.includes('"message_stop"') || /"stop_reason":"/.test(text)
}
