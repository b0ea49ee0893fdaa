import { InvalidArgumentError } from 'commander'
import type { LimitSettings, LimitsSettings } from '../config/limit-settings.ts'
import { ownerName } from '../config/name.ts'
import { refuseTwice } from './arguments.ts'

export const limitOption = '--limit-to <name=amount>'
export const limitOptionHelp =
  'a limit: burst=600/minute, volume=1000000:tokens/day, parallel=20 (at once); may be repeated'

const form =
  /^(?<name>[^=]+)=(?<count>\d{1,12})(?:(?::(?<unit>requests|tokens|inputTokens|outputTokens))?\/(?<per>second|minute|hour|day))?$/

/** Reads one limit and adds it to those before. Everything that can be said of a limit can be said through the admin API only. */
export function limitArgument(text: string, before: LimitsSettings | undefined): LimitsSettings {
  const { name = '', count, unit = 'requests', per } = form.exec(text)?.groups ?? {}
  if (count === undefined || !ownerName.safeParse(name).success)
    throw new InvalidArgumentError('Write name=600/minute, name=600:tokens/day, or name=20 for calls at once.')
  refuseTwice(name, before)
  const most = Number(count)
  const limit = per === undefined ? { concurrent: most } : ({ [unit]: most, per } as LimitSettings)
  return { ...before, [name]: limit }
}

/** `burst 600/minute`, as the option is written. */
export function limitsText(limits: LimitsSettings): string {
  return Object.entries(limits)
    .map(([name, { requests, tokens, inputTokens, outputTokens, concurrent, per }]) => {
      if (concurrent !== undefined) return `${name}=${concurrent}`
      if (requests !== undefined) return `${name}=${requests}/${per}`
      const unit = tokens === undefined ? (inputTokens === undefined ? 'outputTokens' : 'inputTokens') : 'tokens'
      return `${name}=${tokens ?? inputTokens ?? outputTokens}:${unit}/${per}`
    })
    .join(' ')
}
