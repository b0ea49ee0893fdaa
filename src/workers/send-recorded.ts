import { GatewayError } from '../canonical/error.ts'
import type { LinkMessage } from './link.ts'
import type { ProcessPort } from './process-port.ts'

/**
 * Sends what a worker says, and what ends a hold once the record that says so is with the operating system: others may use what becomes
 * free then, and a death before it would have the intent counted on top. Whatever else is said waits for no disk.
 * @param write writes what was handed over so far; throws GatewayError while records wait in memory.
 */
export function sendRecorded(send: ProcessPort['send'], write: () => void): ProcessPort['send'] {
  // No more than there were attempts under way when the disk began to refuse, since none begins then. The next batch takes them along:
  // the spool tells of each write, and a pulse is asked for all the time.
  let waiting: LinkMessage[] = []
  return (batch, then) => {
    if (waiting.length === 0 && !batch.some(endsHold)) return send(batch, then)
    if (isWritten(write)) {
      const leaving = waiting.length === 0 ? batch : [...waiting, ...batch]
      waiting = []
      return send(leaving, then)
    }
    waiting.push(...batch.filter(endsHold))
    const others = batch.filter((message) => !endsHold(message))
    if (others.length === 0) then()
    else send(others, then)
  }
}

function endsHold(message: LinkMessage): boolean {
  return message.kind === 'tell' && message.name === 'settle'
}

function isWritten(write: () => void): boolean {
  try {
    write()
    return true
  } catch (thrown) {
    if (thrown instanceof GatewayError) return false
    throw thrown
  }
}
