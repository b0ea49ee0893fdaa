import { GatewayError } from '../canonical/error.ts'
import { isJsonObject } from '../canonical/json.ts'
import { outputTokensOf, inputTokensOf } from '../canonical/usage.ts'
import { dialects } from '../dialects/all.ts'
import type { DialectName } from '../dialects/dialect.ts'
import type { CarriedFamily, Provider } from '../providers/provider.ts'
import { refuseSteeringIn } from './native-body.ts'
import { locationsHere, openedAt, segmentsOf, type NativeAsked, type NativePlace } from './native-path.ts'
import { readJson } from './read-json.ts'
import type { OutcomeFacts } from './attempt-meter.ts'
import { urlEncoded } from '../wire/form-scan.ts'
import { budgetsOver } from './budget.ts'
import { CarriedGuard } from './carried/guard-carried.ts'
import { carriedCallOf } from './carried/carried-call.ts'
import { credentialFor, providersFor } from './carried/destination.ts'
import { nothingUsed, refuseFailure, relayFlow, relayWhole, settleWhole } from './carried/relay-carried.ts'
import { send, type Carrying } from './carried/send.ts'
import { declaredOf, setAsideDeclared } from './carried/set-aside.ts'
import { enter } from './enter.ts'
import type { Exchange } from './exchange.ts'
import { takeLimits } from './limit.ts'
import { openMeter } from './meter.ts'
import type { Parts } from './parts.ts'
import { refuse } from './refuse.ts'

/** A client request to `/native/{provider}/...`. */
export interface NativeExchange extends Exchange {
  readonly native: NativeAsked
}

/**
 * Serves one exchange on a path of a provider's own that the config opens. Nothing is known of what it means, so what it may cost is
 * declared there, and what it names is bound to nobody.
 */
export async function carryNative(exchange: NativeExchange, parts: Parts): Promise<void> {
  const snapshot = parts.snapshot()
  const meter = openMeter(exchange, snapshot, parts)
  const { method, path, query } = exchange.native
  try {
    const principal = enter(exchange, snapshot, meter, parts)

    // Which way is open, and to whom? A provider that serves no model of the key's is not there for it.
    const provider = providersFor(snapshot, principal).find(({ name }) => name === exchange.native.provider)
    const opened = provider && openedAt(provider, exchange.native)
    if (!provider || !opened) throw notOpened(exchange.native)
    const body = method === 'GET' ? Buffer.alloc(0) : await exchange.client.readBody(snapshot.maxBodyBytes)
    refuseSteeringIn(body, exchange.headers.one('content-type'), provider)
    const call = carriedCallOf('')
    meter.asked({ call, body, textBytes: 0 })
    await takeLimits(exchange, principal, { call, body: { length: 0 }, textBytes: 0 }, '', snapshot, meter, parts)

    // What it means is not known, and so not which of its texts is whose.
    const guard = new CarriedGuard({
      call,
      sizeBytes: body.length,
      principal,
      snapshot,
      clock: parts.clock,
      isUnknown: true,
    })
    meter.guarded(guard.notes)
    guard.wordsMustPass('path', segmentsOf(opened, path))
    await guard.mustPass({ bytes: Buffer.from(query), contentType: urlEncoded })
    await guard.mustPass({ bytes: body, contentType: exchange.headers.one('content-type') })

    const declared = declaredOf(opened.reserve)
    const budgeted = budgetsOver(principal, { call }, '', snapshot)
    const where = { place: provider.name, key: `providers.${provider.name}.native (${opened.path}).reserve` }
    const hold = await setAsideDeclared(budgeted, opened.reserve, declared, where, meter, parts)

    const carrying: Carrying = { exchange, family: familyOf(provider), meter, snapshot, parts }
    const sent = await send(carrying, {
      destination: { provider, credential: credentialFor(provider, parts), basePath: '' },
      method: opened.method,
      path: query === '' ? path : `${path}?${query}`,
      body,
      contentType: exchange.headers.one('content-type'),
      flows: (contentType) => !/\bjson\b/i.test(contentType),
      notFound: undefined,
      hold,
      declared,
      reason: 'the config opens this path',
    })
    refuseFailure(sent)
    const { opened: answer } = sent
    if (answer.kind !== 'flow' && answer.kind !== 'whole') return
    const { head } = answer
    const start = { head, provider: provider.name, headers: locationsHere(head, provider, exchange.native), guard }
    if (answer.kind === 'flow') return await relayFlow(carrying, sent, start, () => undefined)
    const told = guard.lookAt(() => answer.body)
    settleWhole(sent, factsOf(answer.body, provider))
    await relayWhole(carrying, start, told())
  } catch (thrown) {
    refuse(exchange, thrown, meter)
  } finally {
    meter.close()
  }
}

function familyOf({ endpoints }: Pick<Provider, 'endpoints'>): CarriedFamily {
  if (endpoints['openai-chat'] !== undefined || endpoints['openai-responses'] !== undefined) return 'openai'
  if (endpoints['anthropic-messages'] !== undefined) return 'anthropic'
  return endpoints['gemini-generate'] === undefined ? 'openai' : 'gemini'
}

function notOpened({ provider, path, method }: NativePlace): GatewayError {
  return new GatewayError(
    'endpoint_not_found',
    `${method} ${path} of ${JSON.stringify(provider)} is not opened to this key: \`providers.NAME.native\` of the config says which are`,
  )
}

/** What the answer says that it used, in any of the words that the provider speaks. `undefined`: nothing. */
function factsOf(body: Buffer, { endpoints }: Provider): OutcomeFacts | undefined {
  const value = readJson(body)
  if (!isJsonObject(value)) return undefined
  for (const name of Object.keys(endpoints)) {
    const { usage, mixesModels, service, responseModel, providerCostNanos } =
      dialects[name as DialectName].readReply(value)
    if (usage && inputTokensOf(usage) + outputTokensOf(usage) > 0)
      return { ...nothingUsed, usage, mixesModels, service, responseModel, providerCostNanos }
  }
  return undefined
}
