import { Command, InvalidArgumentError, Option } from 'commander'
import { systemClock } from '../../canonical/clock.ts'
import { startSimulated } from './serve.ts'

/**
 * The simulated provider as a process of its own, so that its log survives whatever is done to the gateway:
 *
 *     node src/providers/simulated/main.ts --port 0 --log provider.jsonl --speed instant
 *
 * Prints its origin as one line of JSON. Ends on SIGTERM and SIGINT, with every exchange logged.
 */
const { port, log, speed, seed, sockets, apiKey } = new Command('simulated')
  .description('the simulated provider as a process of its own, on loopback')
  .option('--port <number>', 'where it listens', wholeNumber, 0)
  .option('--log <file>', 'a line for each exchange goes here')
  .addOption(
    new Option('--speed <speed>', 'how fast it answers')
      .choices(['realistic', 'instant'] as const)
      .default('realistic' as const),
  )
  .option('--seed <number>', 'of its answers', wholeNumber, 1)
  .option('--sockets <count>', 'how many sockets it listens at, for many connections', wholeNumber, 1)
  .option('--api-key <key>', 'refuse calls without it')
  .parse()
  .opts<Options>()

interface Options {
  readonly port: number
  readonly log?: string
  readonly speed: 'realistic' | 'instant'
  readonly seed: number
  readonly sockets: number
  readonly apiKey?: string
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

const simulated = await startSimulated({
  clock: systemClock,
  port,
  seed,
  sockets,
  speed,
  ...(log === undefined ? {} : { logFile: log }),
  ...(apiKey === undefined ? {} : { apiKey }),
})
process.stdout.write(`${JSON.stringify({ origin: simulated.origin })}\n`)
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void simulated.close().then(() => process.exit(0)))
