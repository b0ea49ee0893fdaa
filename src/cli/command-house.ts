import type { Command } from 'commander'
import { requireCertificateChecks } from '../config/certificate-checks.ts'
import { readVariable } from '../config/variable.ts'
import { openAdminClient, type AdminAnswer, type AdminClient } from './admin-client.ts'

export interface CommandOutput {
  /** What was asked for: to stdout, so that it can be piped. */
  write(text: string): void
  /** What a person should know beside it: to stderr. */
  error(text: string): void
}

/** What commands are given of the world. */
export interface CommandHouse {
  readonly output: CommandOutput
  readonly env: Readonly<Record<string, string | undefined>>
  /** Everything on stdin. */
  readInput(): Promise<string>
}

/** Options that every command at the admin API has. */
export interface ClientOptions {
  readonly admin?: string
  readonly json?: true
}

/** @param place `default`: what the parent does by itself, without a further word. */
export function clientCommand(parent: Command, usage: string, description: string, place?: 'default'): Command {
  return parent
    .command(usage, { isDefault: place === 'default' })
    .description(description)
    .option('--admin <url>', 'where the admin API is (default: WEIR_ADMIN_URL, else http://127.0.0.1:8081)')
    .option('--json', 'print the answer of the admin API as it is')
}

/** @throws CommandFailure when the admin key or the address is missing or not usable; SetupProblem when the variable is empty, or certificates are not to be checked. */
export function clientOf(house: CommandHouse, options: ClientOptions): AdminClient {
  requireCertificateChecks(house.env)
  return openAdminClient({
    url: options.admin ?? readVariable(house.env, 'WEIR_ADMIN_URL') ?? 'http://127.0.0.1:8081',
    key: house.env['WEIR_ADMIN_KEY'],
  })
}

/** Prints an answer: as it is with `--json`, else in words. */
export function show<Body>(
  house: CommandHouse,
  options: ClientOptions,
  answer: AdminAnswer<Body>,
  inWords: (body: Body) => string,
): void {
  house.output.write(options.json ? `${answer.text}\n` : inWords(answer.body))
}
