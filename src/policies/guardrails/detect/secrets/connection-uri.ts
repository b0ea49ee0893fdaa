import { patternDetector } from '../pattern-detector.ts'
import { isPlaceholder } from './vendor-keys.ts'

/** URIs that hold a password: of databases, queues, and web sites with basic authentication (RFC 3986, 3.2.1). */
export const connectionUri = patternDetector({
  kind: 'connection-uri',
  isOneWord: true,
  hint: /:\/\/[^\s:/@"'`<>{}$\\]{0,128}:[^\s/@"'`<>{}$\\]{1,256}@/,
  pattern:
    /(?<![\w+.-])[a-z][a-z\d+.-]{1,30}:\/\/[^\s:/@"'`<>{}$\\]{0,128}:[^\s/@"'`<>{}$\\]{1,256}@[^\s"'`<>(){}\]\\]{0,400}[^\s"'`<>(){}\]\\.,;:!?]/gi,
  accepts: (found) => {
    const [, user = '', password = ''] = /:\/\/([^:]*):([^@]*)@/.exec(found) ?? []
    return password !== user && !isMadeUp(password) && !isPlaceholder(password) && !isPlaceholder(user)
  },
  live: /[a-z][a-z\d+.-]{0,30}(?::(?:\/(?:\/[^\s"'`<>]{0,600})?)?)?$/i,
  longestLive: 640,
})

/** What pages write where a password belongs, and what guards nothing. */
function isMadeUp(password: string): boolean {
  return /^(?:.{1,3}|\d{1,4}|(.)\1*|<.*>|\[.*\]|(?:my|the|some|db|user)?_?(?:password|passwd|passwort|pwd|secret|token)|(?:replace|change|insert|enter|put|your).*)$/i.test(
    password,
  )
}
