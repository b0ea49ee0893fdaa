/**
 * Orders targets for a key so that the same key always begins at the same one, without a table: each target draws a number
 * from the key and its own name, and the highest goes first (rendezvous hashing). When a target leaves or rests, only its
 * own keys move, each to its second choice; when it is back they return.
 * @param weightOf more than 0: its share of the keys (Schindelhauer and Schomaker 2005, weighted distributed hash tables).
 */
export function rendezvous<Item>(
  key: string,
  items: readonly Item[],
  idOf: (item: Item) => string,
  weightOf: (item: Item) => number,
): readonly Item[] {
  return items
    .map((item) => ({ item, score: -weightOf(item) / Math.log(unit(`${key}\n${idOf(item)}`)) }))
    .toSorted((one, other) => other.score - one.score)
    .map(({ item }) => item)
}

/** A number between 0 and 1, neither included, that a text always gives. 52 bits of cyrb53 (bryc, public domain). */
function unit(text: string): number {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place)
    high = Math.imul(high ^ code, 2_654_435_761)
    low = Math.imul(low ^ code, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  return ((low >>> 0) * 1_048_576 + (high >>> 12) + 0.5) / 4_503_599_627_370_496
}
