import { parseArgs } from 'node:util'
import { systemClock } from '../../canonical/clock.ts'
import { startSimulated } from './serve.ts'

/**
 * The simulated provider as a process of its own, so that its log survives whatever is done to the gateway:
 *
 *     node src/providers/simulated/main.ts --port 0 --log provider.jsonl --speed instant
 *
 * Prints its origin as one line of JSON. Ends on SIGTERM and SIGINT, with every exchange logged.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    log: { type: 'string' },
    speed: { type: 'string', default: 'realistic' },
    seed: { type: 'string', default: '1' },
    sockets: { type: 'string', default: '1' },
    'api-key': { type: 'string' },
  },
})

const speed = values.speed
if (speed !== 'realistic' && speed !== 'instant') throw new Error('--speed must be realistic or instant')

const simulated = await startSimulated({
  clock: systemClock,
  port: Number(values.port),
  seed: Number(values.seed),
  sockets: Number(values.sockets),
  speed,
  ...(values.log === undefined ? {} : { logFile: values.log }),
  ...(values['api-key'] === undefined ? {} : { apiKey: values['api-key'] }),
})
process.stdout.write(`${JSON.stringify({ origin: simulated.origin })}\n`)
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void simulated.close().then(() => process.exit(0)))
