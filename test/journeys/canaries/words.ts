import { randomBytes } from 'node:crypto'
import { makeKey } from '../../../src/policies/identity/key.ts'

/** A text that occurs nowhere else. */
const canary = (name: string) => `${name}${randomBytes(16).toString('hex')}`

/** One of them has no prefix by which it could be told for a key. */
export const providerKeys = {
  one: canary('of-no-known-form-'),
  two: canary('sk-two-'),
  spare: canary('sk-spare-'),
  claude: canary('sk-ant-'),
}

/** What clients and providers say, and what clients bring with them: none of it is anyone's to keep. */
export const words = {
  prompt: canary('prompt'),
  system: canary('system'),
  tool: canary('tool'),
  image: Buffer.from(canary('image')).toString('base64'),
  embedded: canary('embedded'),
  answer: canary('answer'),
  streamed: canary('streamed'),
  thought: canary('thought'),
  arguments: canary('arguments'),
  page: canary('page'),
  cookie: canary('cookie'),
  agent: canary('agent'),
  broken: canary('broken'),
  query: canary('query'),
}

/** What the gateway is meant to keep: that these are found shows that the search is one. */
export const kept = { ticket: canary('ticket'), endUser: canary('user'), keyName: canary('name') }

/** Secrets that somebody sends or writes where they do not belong. */
export const wrongKeys = {
  unknown: makeKey(randomBytes).key,
  malformed: canary('weir_'),
  foreign: canary('sk-proj-'),
  admin: canary('weir_admin_'),
  configured: canary('sk-live-'),
}
