/** Of Google (its standard parameters), and of those who copied OpenAI. */
const keyNames: ReadonlySet<string> = new Set(['key', 'access_token', 'oauth_token', 'api_key', 'api-key'])

/** Whether a member of a query with this name holds a key: it would end up in the logs of every proxy on the way (failures.md L1). */
export function isKeyName(name: string): boolean {
  return keyNames.has(name.toLowerCase())
}
