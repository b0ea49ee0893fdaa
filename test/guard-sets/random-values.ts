/** Values that look made up by chance, and are the same each time. */
export interface RandomValues {
  /** From 0 to less than `limit`. */
  below(limit: number): number
  /** @param list never empty. */
  pick<T>(list: readonly T[]): T
  /** `#` is a digit, `%` one from 2 to 9; `{a8}` is eight small letters, `{A8}` large ones, `{x8}` hexadecimal digits, `{w8}` letters or digits. */
  fill(form: string): string
}

const alphabets: Readonly<Record<string, string>> = {
  '#': '0123456789',
  '%': '23456789',
  a: 'abcdefghijklmnopqrstuvwxyz',
  A: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  x: '0123456789abcdef',
  w: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
}

/** @param seed the same seed gives the same values. */
export function randomValues(seed: number): RandomValues {
  let state = seed
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 4_294_967_296) * limit)
  }
  const one = (mark: string): string => {
    const alphabet = alphabets[mark] ?? mark
    return alphabet.charAt(below(alphabet.length))
  }
  return {
    below,
    pick: (list) => {
      const [picked] = list.slice(below(list.length))
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
    fill: (form) =>
      form
        .replaceAll(/\{([aAxw])(\d+)\}/g, (_whole, mark: string, count: string) =>
          Array.from({ length: Number(count) }, () => one(mark)).join(''),
        )
        .replaceAll(/[#%]/g, one),
  }
}
