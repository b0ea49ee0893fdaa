import type { NativePath, Provider } from '../providers/provider.ts'
import type { AnswerHead } from './carried/carried-answer.ts'
import { isKeyName } from './key-names.ts'

/** What a client's path names below `/native`. */
export interface NativePlace {
  readonly provider: string
  /** As the provider's host has it, without the query. */
  readonly path: string
  readonly query: string
  readonly method: string
}

export interface NativeAsked extends NativePlace {
  /** Where the client reached us: scheme, host and port. */
  readonly origin: string
}

type Method = NativePath['methods'][number]

/** @returns `undefined` where the config does not open it. */
export function openedAt(
  { native = [] }: Pick<Provider, 'native'>,
  { path, method }: Pick<NativePlace, 'path' | 'method'>,
): (NativePath & { readonly method: Method }) | undefined {
  for (const one of native) {
    const known = one.methods.find((known) => known === method)
    const isHere = one.path.endsWith('/*') ? path.startsWith(one.path.slice(0, -1)) : path === one.path
    if (known !== undefined && isHere && isPlain(path)) return { ...one, method: known }
  }
  return undefined
}

/** What the client says in a path that is opened: each segment in place of its `*`. They are plain, so that they stand as they mean. */
export function segmentsOf({ path: opened }: Pick<NativePath, 'path'>, path: string): readonly string[] {
  return opened.endsWith('/*') ? path.slice(opened.length - 1).split('/') : []
}

/** Nothing that two readers could take for different places: no `..`, no escapes, no empty segments. */
function isPlain(path: string): boolean {
  const [, ...segments] = path.split('/')
  return segments.every((segment) => plainSegment.test(segment) && segment !== '.' && segment !== '..')
}

const plainSegment = /^[\w.~:@-]+$/

/** Where an answer may say that what it began is to be asked for. */
const locationNames = ['location', 'operation-location'] as const

/**
 * The same places as a client reaches them here: a flat list of headers. One that leads elsewhere than to this provider, or to what the
 * config does not open for `GET`, is left out: nobody could follow it, and it would tell of hosts that are no client's business.
 */
export function locationsHere(head: AnswerHead, provider: Provider, asked: NativeAsked): string[] {
  return locationNames.flatMap((name) => {
    const said = head.tellable(name)
    const place = said === undefined ? null : URL.parse(said, provider.origin + asked.path)
    if (place?.origin !== provider.origin || !openedAt(provider, { path: place.pathname, method: 'GET' })) return []
    if ([...place.searchParams.keys()].some(isKeyName)) return []
    return [name, `${asked.origin}/native/${asked.provider}${place.pathname}${place.search}`]
  })
}
