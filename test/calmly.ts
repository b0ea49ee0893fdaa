/**
 * No test may fail because its machine is slow: unless it says something of shedding itself, nothing is shed for a late event
 * loop.
 * @param server more settings of `server`, as YAML.
 */
export function calmly(server = ''): string {
  const calm = server.includes('shed:') ? [] : ['shed: { loopDelayMs: 600000 }']
  return [...(server === '' ? [] : [server]), ...calm].join(', ')
}
