import { pageLimits } from './contract/page.ts'

/** One page of a list, by the ids of its items: a page begins behind an id, whether or not that one still exists. */
export function pageBy<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  query: { readonly limit?: number | undefined; readonly after?: string | undefined },
): { readonly items: Item[]; readonly nextAfter: string | null } {
  const { limit = pageLimits.default, after = '' } = query
  const behind = items.filter((item) => idOf(item) > after).toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1))
  const shown = behind.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown, nextAfter: behind.length > shown.length && last !== undefined ? idOf(last) : null }
}
