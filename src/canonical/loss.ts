import { originOf } from './origin.ts'

/** Something a caller said that could not be said upstream, or only roughly. */
export interface Loss {
  /** The field in the caller's own body: `messages[2].content[0].image_url.detail`. */
  readonly path: string
  readonly kind: 'lost' | 'approximated'
  /** What became of it, for a person. */
  readonly why: string
}

/**
 * Collects what a writer could not say. A writer accounts for every node it visits by naming the fields it carried; what
 * the node holds beyond them is a loss by itself, so that forgetting a field is loud and not silent.
 */
export class Losses {
  /** By path: what is lost for two reasons is lost once, and what is lost after all was not approximated. */
  readonly #losses = new Map<string, Loss>()

  /**
   * Accounts for a node.
   * @param carried the canonical fields that the target's wire now says (or that have nothing to say).
   */
  account<T extends object>(
    node: T,
    carried: readonly (keyof T & string)[],
    why = 'the target has no word for it',
  ): void {
    const origin = originOf(node)
    if (!origin) return
    for (const [field, key] of Object.entries(origin.heard))
      if (!(carried as readonly string[]).includes(field) && (node as Record<string, unknown>)[field] !== undefined)
        this.#add(pathTo(origin.path, key), 'lost', why)
    for (const [key, rough] of Object.entries(origin.approximated ?? {}))
      this.#add(pathTo(origin.path, key), 'approximated', rough)
    for (const key of origin.unheard) this.#add(pathTo(origin.path, key), 'lost', 'it is not known to Weir')
  }

  /** A field that was carried, but not exactly. */
  approximated<T extends object>(node: T, field: keyof T & string, why: string): void {
    this.#addField(node, field, 'approximated', why)
  }

  lost<T extends object>(node: T, field: keyof T & string, why: string): void {
    this.#addField(node, field, 'lost', why)
  }

  /** The node itself has no place at the target. */
  whole(node: object, why: string): void {
    this.#add(originOf(node)?.path ?? '', 'lost', why)
  }

  /** Something that is no field of the caller's: a part of the answer, for one. */
  note(path: string, kind: Loss['kind'], why: string): void {
    this.#add(path, kind, why)
  }

  list(): readonly Loss[] {
    return [...this.#losses.values()]
  }

  #addField<T extends object>(node: T, field: keyof T & string, kind: Loss['kind'], why: string): void {
    const origin = originOf(node)
    this.#add(pathTo(origin?.path ?? '', origin?.heard[field] ?? field), kind, why)
  }

  #add(path: string, kind: Loss['kind'], why: string): void {
    const known = this.#losses.get(path)
    if (!known || (known.kind === 'approximated' && kind === 'lost')) this.#losses.set(path, { path, kind, why })
  }
}

/** As records and the header `x-weir-losses` tell losses: paths, `~` before what was only approximated. `undefined`: none. */
export function lossesText(losses: readonly Loss[], earlier?: string): string | undefined {
  const told = losses.map(({ path, kind }) => `${kind === 'approximated' ? '~' : ''}${escaped(path)}`)
  const all = [...(earlier === undefined ? [] : [earlier]), ...told]
  return all.length === 0 ? undefined : all.join(', ')
}

/** Paths hold names that a client made up: what could end a header or a list is percent-encoded. */
function escaped(path: string): string {
  return path.replace(/[^\x21-\x7e]|[,%]/gu, (character) =>
    encodeURIComponent(character.isWellFormed() ? character : '\uFFFD'),
  )
}

/** A field whose wire is the node's own (a text that is a plain string) has no key. */
function pathTo(path: string, key: string): string {
  if (key.startsWith('+1.'))
    return pathTo(
      path.replace(/\d+(?=\]$)/, (place) => String(Number(place) + 1)),
      key.slice(3),
    )
  return path === '' || key === '' ? path + key : `${path}.${key}`
}
