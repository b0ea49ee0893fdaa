import { systemClock } from '../../canonical/clock.ts'
import type { UsageRecord } from '../../canonical/usage-record.ts'
import { decodeUsagePayload } from '../../ledger/usage-payload.ts'
import { openEmbedded } from '../embedded/open-embedded.ts'

/*
 * A process of its own for the suite: `node run-and-die.ts <dir>`, with the payloads of intents and of terminals as JSON
 * on standard input. It hands them over, waits until they are written, and kills itself as `kill -9` would.
 */
const [dir = ''] = process.argv.slice(2)
const { intents, terminals } = await readStandardInput()
const stores = await openEmbedded({
  dir,
  clock: systemClock,
  reserveBytes: 4096,
  onFailure(failure) {
    throw failure
  },
})
for (const intent of intents) stores.usage.intend({ ...intent, status: 'unknown' })
await stores.usage.written()
for (const terminal of terminals) stores.usage.append(terminal)
await stores.usage.written()
process.kill(process.pid, 'SIGKILL')

interface Handed {
  readonly intents: readonly UsageRecord[]
  readonly terminals: readonly UsageRecord[]
}

async function readStandardInput(): Promise<Handed> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  const handed = JSON.parse(Buffer.concat(chunks).toString()) as Record<keyof Handed, readonly string[]>
  return { intents: records(handed.intents), terminals: records(handed.terminals) }
}

function records(payloads: readonly string[]): readonly UsageRecord[] {
  return payloads.map(decodeUsagePayload)
}
