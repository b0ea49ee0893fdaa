import { keptNames, type KeptNames } from '../../kept-names.ts'

/** By which members Gemini's bodies name what it keeps, in both their spellings. */
export function geminiNames(isPassedOver: KeptNames['isPassedOver']): KeptNames {
  return keptNames(
    {
      fileUri: 'file',
      file_uri: 'file',
      cachedContent: 'cache',
      cached_content: 'cache',
      fileSearchStoreNames: 'store',
      file_search_store_names: 'store',
    },
    { isPassedOver, idOf: (said, kind) => (kind === 'file' ? keptFileIn(said) : said) },
  )
}

/**
 * Under which name Gemini keeps the file of an address; `undefined`: it keeps none (videos, buckets, what lies at others). Whatever
 * spelling of an address some reader could take for a file (escapes, doubled slashes, a query, a verb behind it) counts as that file
 * here too: what is not seen here would not be checked for whose it is.
 */
export function keptFileIn(address: string): string | undefined {
  const url = URL.parse(address, `https://${ownHost}/`)
  if (!url) return address
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  const path = unescaped(url.pathname).replace(/\/{2,}/g, '/')
  if (!url.hostname.replace(/\.$/, '').endsWith(ownHost)) return keptElsewhere.exec(path)?.[1]
  // Nothing at its own host is public: what cannot be told there goes by the whole address, which nobody owns.
  return /\/(files\/[\w.-]+)/.exec(path)?.[1] ?? (URL.canParse(address) ? address : undefined)
}

const ownHost = 'generativelanguage.googleapis.com'

/** At an address of a proxy, such as Weir's. */
const keptElsewhere = /^\/v\d\w*\/(files\/[\w.-]+)(?::[^/]*)?$/

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (thrown) {
    if (thrown instanceof URIError) return path
    throw thrown
  }
}
