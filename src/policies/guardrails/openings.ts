/** So much of a beginning is read off: three letters begin many words that are none. */
const openingLength = 6
/** Stands before an opening that must be where a word begins. */
const boundary = '\b'
/** Stands after an opening that anything may follow. */
const anything = '\0'
/** A class of more signs is taken for anything. */
const mostOfClass = 8

/** With what a match of a pattern may begin. */
export interface Openings {
  /** One to six signs each, and shorter only where anything may follow; one that is empty: with whatever there is. */
  readonly texts: ReadonlySet<string>
  /** A match that begins with a letter or digit begins a word. */
  readonly isAtWord: boolean
}

/**
 * Reads off a pattern with which signs a match of it must begin, so that places where it cannot are never asked. Knows what patterns of
 * words are made of: letters, groups, alternatives, classes, repetitions and `\b`.
 */
export function openingsOf({ source, flags }: RegExp): Openings {
  // Large and small letters are other signs.
  if (/[iv]/.test(flags)) return { texts: new Set(['']), isAtWord: false }
  const read = new OpeningReader(source).alternatives()
  const isWord = (text: string) => /^(?:\w|$|\0)/.test(text)
  return {
    texts: new Set([...read].map((text) => text.replaceAll(boundary, '').replaceAll(anything, ''))),
    isAtWord: [...read].every((text) => text.startsWith(boundary) || !isWord(text)),
  }
}

class OpeningReader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  alternatives(): ReadonlySet<string> {
    const all = new Set(this.#sequence())
    while (this.#take('|')) for (const one of this.#sequence()) all.add(one)
    return all
  }

  #sequence(): ReadonlySet<string> {
    let read: ReadonlySet<string> = new Set([''])
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source.charAt(this.#at)))
      read = joined(read, this.#repeated(this.#atom()))
    return read
  }

  #atom(): ReadonlySet<string> {
    const look = /^\((?:\?(?:[=!]|<[=!]|:|<\w+>))?/.exec(this.#source.slice(this.#at))?.[0]
    if (look !== undefined) {
      this.#at += look.length
      const inner = this.alternatives()
      this.#at += 1
      // What is looked at is no part of the match.
      return /[=!]$/.test(look) ? new Set(['']) : inner
    }
    const [whole = '', escaped, ofClass] =
      /^(?:\\(.)|\[((?:[^\]\\]|\\.)+)\]|.)/s.exec(this.#source.slice(this.#at)) ?? []
    this.#at += whole.length
    if (ofClass !== undefined)
      return /^[^^\\-]+$/.test(ofClass) && ofClass.length <= mostOfClass ? new Set(ofClass) : new Set([anything])
    if (escaped === 'b') return new Set([boundary])
    if (escaped !== undefined) return new Set([/\w/.test(escaped) ? anything : escaped])
    return new Set([whole === '.' ? anything : /[\^$]/.test(whole) ? '' : whole])
  }

  #repeated(atom: ReadonlySet<string>): ReadonlySet<string> {
    const [whole = '', fewest, comma, most] =
      /^(?:[?*+]|\{(\d+)(?:(,)(\d*))?\})\??/.exec(this.#source.slice(this.#at)) ?? []
    this.#at += whole.length
    if (whole === '') return atom
    const least = fewest === undefined ? (whole.startsWith('+') ? 1 : 0) : Number(fewest)
    const last = whole.startsWith('?')
      ? 1
      : comma === undefined && fewest !== undefined
        ? least
        : Number(most || Infinity)
    let read: ReadonlySet<string> = new Set([''])
    for (let time = 0; time < Math.min(last, openingLength); time += 1)
      read = joined(read, time < least ? atom : new Set([...atom, '']))
    return read
  }

  #take(sign: string): boolean {
    if (this.#source[this.#at] !== sign) return false
    this.#at += 1
    return true
  }
}

function joined(left: ReadonlySet<string>, right: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set<string>()
  for (const one of left)
    if (one.endsWith(anything) || lengthOf(one) >= openingLength) all.add(one)
    else
      for (const other of right) {
        const next = one + (one === '' ? other : other.replaceAll(boundary, ''))
        all.add(next.slice(0, openingLength + (next.startsWith(boundary) ? 1 : 0)))
      }
  return all
}

function lengthOf(opening: string): number {
  return opening.length - (opening.startsWith(boundary) ? 1 : 0)
}
