import { systemClock } from '../../canonical/clock.ts'
import { asGatewayError } from '../../canonical/error.ts'
import { openEmbedded } from '../embedded/open-embedded.ts'
import { sampleIntent, sampleRecord } from './sample-records.ts'

/*
 * A process of its own, started under a limit on the size of files: `node fill-disk.ts <dir>`. Begins attempts until the
 * operating system refuses one, then settles those that run, and prints what it was told.
 */
const [dir = ''] = process.argv.slice(2)
const failures: string[] = []
const stores = await openEmbedded({
  dir,
  clock: systemClock,
  reserveBytes: 16 * 1024,
  onFailure: ({ message }) => void failures.push(message),
})
// The reserve is made in the background, by the thread that answers this in turn.
await stores.audit.verify()

const running: string[] = []
let refusal: string | undefined
while (refusal === undefined) {
  const requestId = `r${running.length}`
  stores.usage.intend(sampleIntent({ requestId }))
  refusal = await outcomeOf(stores.usage.written())
  if (refusal === undefined) running.push(requestId)
}
const settled = running.slice(0, 10)
for (const requestId of settled) stores.usage.append(sampleRecord({ requestId }))
const settling = await outcomeOf(stores.usage.written())
let newWork: string | undefined
try {
  stores.usage.intend(sampleIntent({ requestId: 'new' }))
} catch (thrown) {
  newWork = asGatewayError(thrown).kind
}
const closing = await outcomeOf(stores.close())
console.log(JSON.stringify({ running, settled, refusal, settling: settling ?? 'written', newWork, closing, failures }))

async function outcomeOf(promise: Promise<void>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (thrown) {
    return asGatewayError(thrown).kind
  }
}
