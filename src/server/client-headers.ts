import type { IncomingMessage } from 'node:http'
import type { IdentityHeaders } from '../policies/identity/identify.ts'

/** Node joins or drops repeated headers; the raw list does neither, so repetition can be refused instead of guessed at. */
export function clientHeaders(incoming: IncomingMessage): IdentityHeaders {
  return {
    one: (name) => {
      const value = incoming.headers[name]
      return Array.isArray(value) ? value[0] : value
    },
    times: (name) => {
      let times = 0
      const { rawHeaders } = incoming
      for (let place = 0; place < rawHeaders.length; place += 2)
        if (rawHeaders[place]?.length === name.length && rawHeaders[place]?.toLowerCase() === name) times += 1
      return times
    },
  }
}
