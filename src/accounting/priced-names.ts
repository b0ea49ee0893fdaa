/**
 * Under which names the price of a call is looked for, the best first: the answer knows which of several models it was, but for a provider
 * whose prices depend on what only the name says that was asked for, such as a region.
 */
export function pricedNames(
  asked: string | undefined,
  answered: string | undefined,
  provider: { readonly isPricedAsAsked?: boolean } | undefined,
): readonly string[] {
  const names = provider?.isPricedAsAsked === true ? [asked, answered] : [answered, asked]
  return [...new Set(names)].filter((name) => name !== undefined)
}
