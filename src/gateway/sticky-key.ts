import { createHash } from 'node:crypto'
import { GatewayError } from '../canonical/error.ts'
import type { Principal } from '../canonical/principal.ts'
import { decodedHeader } from '../policies/identity/decode-header.ts'
import type { IdentityHeaders } from '../policies/identity/identify.ts'
import type { CatalogModel } from '../routing/catalog.ts'
import type { Asked } from './read-asked.ts'

type Sticky = NonNullable<CatalogModel['sticky']>

/**
 * What makes calls belong together. The organisation is part of it, so that nobody chooses where another's calls go.
 * @returns `undefined` when the call does not say what it belongs to.
 */
export function stickyKeyOf(
  sticky: Sticky,
  asked: Asked,
  principal: Principal,
  headers: IdentityHeaders,
): string | undefined {
  const part = partOf(sticky, asked, principal, headers)
  return part === undefined || part === '' ? undefined : `${principal.organisation}\n${part}`
}

function partOf(sticky: Sticky, asked: Asked, principal: Principal, headers: IdentityHeaders): string | undefined {
  switch (sticky.by) {
    case 'session':
      return (
        (sticky.metadata === undefined ? undefined : principal.metadata[sticky.metadata]) ??
        sentIn(headers, sticky.header) ??
        principal.runId
      )
    case 'user': {
      const { user } = principal
      const { endUser } = asked.call
      return user === undefined && endUser === undefined ? undefined : `${user ?? ''}\n${endUser ?? ''}`
    }
    case 'prefix':
      return headOf(asked)
  }
}

function sentIn(headers: IdentityHeaders, name: string | undefined): string | undefined {
  const told = name === undefined ? undefined : headers.one(name)
  return told === undefined ? undefined : decodedHeader(told)
}

/** Tools, system turns and the first turn of the user, each of them whole: what stays when a conversation goes on. */
function headOf(asked: Asked): string | undefined {
  const chat = chatOf(asked)
  if (!chat) return undefined
  const firstTurn = chat.messages.findIndex(({ role }) => role === 'user')
  const head = [chat.tools, chat.messages.slice(0, firstTurn + 1)]
  return createHash('sha256').update(JSON.stringify(head)).digest('base64')
}

/** A call that Weir cannot read in canonical words can still pass through; it belongs to nothing then. */
function chatOf(asked: Asked) {
  try {
    return asked.chat()
  } catch (thrown) {
    if (thrown instanceof GatewayError) return undefined
    throw thrown
  }
}
