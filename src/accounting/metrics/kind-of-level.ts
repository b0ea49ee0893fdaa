/** Of `team acme/search` the first word: one label for each key would grow without bound. */
export function kindOfLevel(level = 'gateway'): string {
  return level.split(' ', 1)[0] ?? ''
}
