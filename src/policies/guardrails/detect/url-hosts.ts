/** Hosts as a rule names them. */
export interface HostList {
  /** Whether a host is named. @param port as in the URL; '' where it is its scheme's own. */
  has(host: string, port: string): boolean
}

export type ReadHosts =
  | { readonly ok: true; readonly list: HostList }
  | { readonly ok: false; readonly problem: string }

interface Entry {
  readonly host: string
  /** `*.example.com`: what lies below it, and not itself. */
  readonly isBelow: boolean
  /** Empty: every port. */
  readonly port: string
}

/**
 * Reads `example.com`, `*.example.org`, `example.com:8443`, addresses. A name in letters of its own (`bücher.example`) and in ASCII
 * (`xn--bcher-kva.example`) are the same, as are `127.1` and `127.0.0.1`.
 */
export function readHosts(names: readonly string[]): ReadHosts {
  const entries: Entry[] = []
  for (const name of names) {
    const [, star = '', rest = ''] = /^(\*\.)?(.*)$/s.exec(name) ?? []
    const url = /[\s/\\?#@*]/.test(rest) ? undefined : parsed(`http://${rest}`)
    if (!url || url.hostname === '')
      return { ok: false, problem: `"${name}" is no host: say example.com, *.example.com or example.com:8443` }
    entries.push({ host: plainHost(url), isBelow: star !== '', port: rest.endsWith(':80') ? '80' : url.port })
  }
  return {
    ok: true,
    list: {
      has: (host, port) =>
        entries.some(
          (one) =>
            (one.isBelow ? host.endsWith(`.${one.host}`) : host === one.host) &&
            (one.port === '' || one.port === port || (one.port === '80' && port === '')),
        ),
    },
  }
}

/**
 * A URL as a browser would read it (WHATWG URL): who is named before an `@` is not the host, strokes lean either way, and every spelling of an
 * address is the same. `undefined`: it is none.
 */
export function parsed(text: string): URL | undefined {
  return URL.parse(text) ?? undefined
}

/** In small letters and without the point that ends a full name. */
export function plainHost({ hostname }: URL): string {
  return hostname.toLowerCase().replace(/\.$/, '')
}
