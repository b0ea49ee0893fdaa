import { readBaseUrl } from '../base-url.ts'
import { bearer, plainHeaders } from '../headers.ts'
import type { ProviderKind } from '../kind.ts'
import { hostedRows } from './hosted-rows.ts'
import { ownServerRows } from './own-server-rows.ts'
import { rowPaths, type ProviderRow } from './row.ts'

export type HostedKind = keyof typeof hostedRows
export type OwnServerKind = keyof typeof ownServerRows
export type RowKind = HostedKind | OwnServerKind

/** Every row, by the kind that the config calls it. */
export const providerRows: Readonly<Record<RowKind, ProviderRow>> = { ...hostedRows, ...ownServerRows }

/** Every row as a kind. */
export const rowKinds: Readonly<Record<RowKind, ProviderKind>> = {
  ...kindsOf(hostedRows),
  ...kindsOf(ownServerRows),
}

export const hostedKinds: readonly HostedKind[] = namesOf(hostedRows)
export const ownServerKinds: readonly OwnServerKind[] = namesOf(ownServerRows)

/** A row as a kind of provider. The config's base URL and words come before the row's. */
export function kindOfRow(kind: string, row: ProviderRow): ProviderKind {
  const takes = new Set(row.takes)
  const refuses = new Set(row.refuses)
  return {
    kind,
    about: row,
    open: (name, settings, credentials) => {
      const { origin, path } = readBaseUrl(settings.baseUrl ?? row.baseUrl)
      return {
        name,
        kind,
        origin,
        endpoints: Object.fromEntries(row.speaks.map((dialect) => [dialect, `${path}${rowPaths[dialect]}`])),
        credentials,
        priceProvider: settings.priceProvider ?? row.priceProvider,
        network: settings.network,
        takes: settings.takes ?? takes,
        refuses,
        headers: (_dialect, credential) => [...plainHeaders, ...bearer(credential.secret)],
      }
    },
  }
}

function kindsOf<Name extends string>(
  table: Readonly<Record<Name, ProviderRow>>,
): Readonly<Record<Name, ProviderKind>> {
  const kinds = namesOf(table).map((name) => [name, kindOfRow(name, table[name])] as const)
  // `Object.fromEntries` forgets the names; each is there, since they are those of the table.
  return Object.fromEntries(kinds) as Record<Name, ProviderKind>
}

/** `Object.keys` would forget what the names are. */
function namesOf<Name extends string>(table: Readonly<Record<Name, ProviderRow>>): readonly Name[] {
  const names: Name[] = []
  for (const name in table) names.push(name)
  return names
}
