import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject, type Json, type JsonObject } from '../../canonical/json.ts'
import { listIn } from '../../dialects/shared/call-fields.ts'
import type { StateKind } from '../../stores/ports/state-holders.ts'
import type { Destination } from './destination.ts'
import type { Carrying, CarryingRoute } from './send.ts'

/**
 * Binds what an answer says was made to the organisation that asked for it. Safe before the client learns its name.
 * @param open what is still to be settled of it.
 * @throws GatewayError `upstream_invalid` when the answer names nothing, or what is another organisation's.
 */
export async function keepMade(
  carrying: CarryingRoute,
  answer: JsonObject,
  destination: Destination,
  organisation: string,
  modelName: string | undefined,
  open: string | undefined,
): Promise<void> {
  const { kind, family } = carrying.exchange.carried.route
  const file = answer['file']
  const made = family === 'gemini' && kind === 'file' && isJsonObject(file) ? file : answer
  const id = family === 'gemini' ? made['name'] : made['id']
  if (typeof id !== 'string' || id === '')
    throw new GatewayError('upstream_invalid', 'the provider did not say what it has made is called')
  await keep(carrying, { id, kind, modelName, open }, destination, organisation)
}

/**
 * The same of what came about beside it: the files that a batch has written. Its output may tell what the batch used, where that
 * does not itself.
 */
export async function keepBrought(
  carrying: CarryingRoute,
  answer: JsonObject,
  destination: Destination,
  organisation: string,
): Promise<void> {
  for (const member of carrying.exchange.carried.route.brings ?? []) {
    const said: Json | undefined = answer[member]
    const id = isJsonObject(said) ? said['id'] : said
    const { id: batch } = answer
    const open = member === outputMember && typeof batch === 'string' ? writeOutput({ batch }) : undefined
    if (typeof id === 'string' && id !== '') await keep(carrying, { id, kind: 'file', open }, destination, organisation)
  }
}

/**
 * The same of items that an answer lists: a client that put its own into a conversation learns their names here. On the disk a moment
 * later: what a crash loses can be listed again.
 */
export function keepListed(
  { parts, exchange }: CarryingRoute,
  answer: JsonObject,
  { provider, credential }: Destination,
  organisation: string,
): void {
  const kind = exchange.carried.route.listsItems
  if (kind === undefined) return
  const ids = listIn(answer, 'data').flatMap((item) =>
    isJsonObject(item) && typeof item['id'] === 'string' ? [item['id']] : [],
  )
  parts.stateHolders.keep(ids, { kind, organisation, provider: provider.name, credentialId: credential.id })
}

const outputMember = 'output_file_id'

/** Of which batch a file is the output; kept with its id, whoever saw it first. The batch itself tells for whom it is settled. */
interface OutputOf {
  readonly batch: string
}

function writeOutput(of: OutputOf): string {
  return JSON.stringify(of)
}

/** @returns the batch, where a file is the output of one. */
export function batchOfOutput(open: string | undefined): string | undefined {
  const value: unknown = open === undefined ? undefined : JSON.parse(open)
  return isJsonObject(value) && typeof value['batch'] === 'string' ? value['batch'] : undefined
}

interface Made {
  readonly id: string
  readonly kind: StateKind
  readonly modelName?: string | undefined
  readonly open?: string | undefined
}

export async function keep(
  { parts }: Pick<Carrying, 'parts'>,
  { id, kind, modelName, open }: Made,
  { provider, credential }: Destination,
  organisation: string,
): Promise<void> {
  const holder = { kind, organisation, provider: provider.name, credentialId: credential.id, modelName }
  const isOurs = await parts.stateHolders.keepObject({ id, holder, keptAtMs: parts.clock.nowMs(), open })
  if (!isOurs) throw new GatewayError('upstream_invalid', 'the provider named something that is known here already')
}
