/** One recorded answer, or recording without one, as the table counts it. */
export interface Counted {
  /** `openai/chat` */
  readonly file: string
  readonly outcome: 'equal' | 'listed' | 'unlisted' | 'no usage told' | 'no text'
  readonly isStream: boolean
}

/** One line for each provider and operation, one for each reason not to read, and what it comes to. */
export function tableOf(counted: readonly Counted[], unread: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...Map.groupBy(counted, ({ file }) => file)].map(([file, group]) => lineOf(file, group))
  const reasons = [...unread].map(([file, list]) => `${file.padEnd(27)} ${list.join('; ')}`)
  return ['usage truth', heading, ...lines, lineOf('all', counted), 'read by nobody:', ...reasons].join('\n')
}

const heading = `${''.padEnd(27)} ${['told', 'streams', 'equal', 'listed', 'untold'].map((word) => word.padStart(8)).join('')}`

function lineOf(name: string, group: readonly Counted[]): string {
  const count = (isCounted: (one: Counted) => boolean) => group.filter(isCounted).length
  const isTold = ({ outcome }: Counted) => outcome === 'equal' || outcome === 'listed' || outcome === 'unlisted'
  const numbers = [
    count(isTold),
    count((one) => isTold(one) && one.isStream),
    count(({ outcome }) => outcome === 'equal'),
    count(({ outcome }) => outcome === 'listed'),
    count((one) => !isTold(one)),
  ]
  return `${name.padEnd(27)} ${numbers.map((number) => String(number).padStart(8)).join('')}`
}
