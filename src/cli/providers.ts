import type { Command } from 'commander'
import { providerList, type ProviderList } from '../admin/contract/provider.ts'
import { clientCommand, clientOf, show, type ClientOptions, type CommandHouse } from './command-house.ts'
import { nothing, writeCount, writeTable, type Column } from './table.ts'

export function providersCommand(program: Command, house: CommandHouse): void {
  clientCommand(program, 'providers', 'providers, and what the gateway has seen of them since it started').action(
    async (options: ClientOptions) => {
      const answer = await clientOf(house, options).read(providerList, '/api/providers')
      show(house, options, answer, ({ items }) => writeTable(columns, items))
    },
  )
}

type Provider = ProviderList['items'][number]

const columns: readonly Column<Provider>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'KIND', cell: ({ kind }) => kind },
  { title: 'ORIGIN', cell: ({ origin }) => origin },
  { title: 'OK', align: 'right', cell: ({ health }) => writeCount(health.successes) },
  { title: 'FAILED', align: 'right', cell: ({ health }) => writeCount(health.failures) },
  { title: 'IN A ROW', align: 'right', cell: ({ health }) => writeCount(health.consecutiveFailures) },
  {
    title: 'LAST FAILURE',
    cell: ({ health: { lastFailure } }) => (lastFailure ? `${lastFailure.at} ${lastFailure.kind}` : nothing),
  },
  { title: 'NOT WELL', cell: unwellText },
  { title: 'CREDENTIALS', cell: credentialsText },
  { title: 'NETWORK', cell: networkText },
]

/** What differs from a plain connection to a public address. */
function networkText({ network }: Provider): string {
  const { isPrivate, proxy, trusts, hasClientCertificate, servername, minTlsVersion } = network
  const parts = [
    isPrivate ? 'private' : [],
    proxy === null ? [] : `proxy ${proxy}`,
    trusts === 'system' ? [] : `trusts ${trusts} authorities`,
    hasClientCertificate ? 'client certificate' : [],
    servername === null ? [] : `named ${servername}`,
    minTlsVersion === 'TLSv1.2' ? [] : minTlsVersion,
  ].flat()
  return parts.length === 0 ? nothing : parts.join(', ')
}

function credentialsText({ credentials }: Provider): string {
  const resting = credentials.filter(({ isResting }) => isResting)
  return resting.length === 0
    ? String(credentials.length)
    : `${credentials.length}, refused by the provider: ${resting.map(({ id }) => id).join(' ')}`
}

/** Targets that are not tried first: `gpt-5.2 open 4s`. */
function unwellText({ targets }: Provider): string {
  const unwell = targets.filter(({ state }) => state !== 'closed')
  if (unwell.length === 0) return nothing
  return unwell.map(({ model, state, dueInMs }) => `${model} ${state} ${Math.ceil(dueInMs / 1_000)}s`).join(', ')
}
