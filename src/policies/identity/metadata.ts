import { GatewayError } from '../../canonical/error.ts'
import { isJsonObject } from '../../canonical/json.ts'
import { holdsKey } from '../../canonical/key-form.ts'
import { holdsControls, isLabelName, isLabelValue, metadataLimits } from '../../canonical/metadata.ts'
import { findRepeatedKey, pathText } from '../../wire/json-repeats.ts'
import { decodedHeader } from './decode-header.ts'

const none: Readonly<Record<string, string>> = Object.freeze({})

/**
 * Reads `x-weir-metadata`: a JSON object of strings, for chargeback.
 * @throws GatewayError `invalid_request`. Metadata that is dropped silently would be spend that nobody can attribute.
 */
export function readMetadata(header: string | undefined): Readonly<Record<string, string>> {
  if (header === undefined) return none
  const json = decodedHeader(header)
  const value = parsed(json)
  if (!isJsonObject(value)) throw refused('must be a JSON object')
  const entries = Object.entries(value)
  if (entries.length > metadataLimits.entries) throw refused(`has more than ${metadataLimits.entries} entries`)
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, text] of entries) {
    if (typeof text !== 'string') throw refused('must hold strings only')
    if (!isLabelName(name)) throw refused('has a name that is empty, too long or holds control characters')
    if (!isLabelValue(text)) throw refused('has a value that is too long or holds control characters')
    if (holdsKey(name) || holdsKey(text)) throw refused('holds a key of Weir, which would stand in records')
    metadata[name] = text
  }
  const repeated = findRepeatedKey(json, () => false)
  if (repeated) throw refused(`holds ${pathText(repeated)} more than once: give each name one value`)
  return metadata
}

/**
 * Reads `x-weir-run-id`: the run of an agent that the call belongs to.
 * @throws GatewayError `invalid_request`.
 */
export function readRunId(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const runId = decodedHeader(header)
  const isFit = runId !== '' && runId.length <= metadataLimits.valueChars && !holdsControls(runId)
  if (isFit && !holdsKey(runId)) return runId
  const why = isFit
    ? 'holds a key of Weir, which would stand in records'
    : `is empty, longer than ${metadataLimits.valueChars} characters or holds control characters`
  throw new GatewayError('invalid_request', `the header x-weir-run-id ${why}`, { param: 'x-weir-run-id' })
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new GatewayError('invalid_request', 'the header x-weir-metadata is not JSON', {
      param: 'x-weir-metadata',
      cause,
    })
  }
}

function refused(what: string): GatewayError {
  return new GatewayError('invalid_request', `the header x-weir-metadata ${what}`, { param: 'x-weir-metadata' })
}
