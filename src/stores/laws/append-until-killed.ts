import { writeSync } from 'node:fs'
import { systemClock } from '../../canonical/clock.ts'
import { openEmbedded } from '../embedded/open-embedded.ts'
import { sampleIntent, sampleRecord } from './sample-records.ts'

/*
 * A process of its own for the crash tests: `node append-until-killed.ts <dir> <name>`. Runs exchanges, eight at a time,
 * until it is killed or the disk refuses, and says on standard output, synchronously, what it was told is written.
 */
const [dir = '', name = ''] = process.argv.slice(2)
say('opening')
const stores = await openEmbedded({
  dir,
  clock: systemClock,
  // Small, so that segments are begun and deleted all the time.
  segmentBytes: 16 * 1024,
  reserveBytes: 4096,
  onFailure(failure) {
    throw failure
  },
})
say('opened')
await Promise.all(Array.from({ length: 8 }, (_, lane) => runExchanges(`${name}-${lane}`)))

async function runExchanges(lane: string): Promise<void> {
  for (let number = 0; ; number += 1) {
    const requestId = `${lane}-${number}`
    stores.usage.intend(sampleIntent({ requestId }))
    await stores.usage.written()
    say(`intent ${requestId}`)
    stores.usage.append(sampleRecord({ requestId }))
    await stores.usage.written()
    say(`terminal ${requestId}`)
    // A turn of the event loop between exchanges, as a network would force one.
    await new Promise((resolve) => void setImmediate(resolve))
  }
}

function say(line: string): void {
  const bytes = Buffer.from(`${line}\n`)
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(1, bytes, done)
    } catch (thrown) {
      // The pipe is full until the parent has read; an answer that is not told yet must not be given.
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN')) throw thrown
    }
  }
}
