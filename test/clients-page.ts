import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What `docs/clients.md` shows, so that it can be run as it stands. */
export interface ShownBlock {
  /** The heading above it. */
  readonly heading: string
  readonly text: string
}

/**
 * The blocks in one language.
 * @param origin of a gateway, in place of the page's address.
 */
export function shownBlocks(language: string, origin: string): readonly ShownBlock[] {
  const page = readFileSync(join(import.meta.dirname, '../docs/clients.md'), 'utf8')
  return page.split(/^#{2,3} /m).flatMap((section) =>
    [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => ({
      heading: section.split('\n', 1)[0] ?? '',
      text: text.replaceAll(pageOrigin, origin),
    })),
  )
}

export const pageOrigin = 'http://127.0.0.1:8080'

/** The one block below a heading. */
export function shownBlock(language: string, heading: string, origin: string): string {
  const [block] = shownBlocks(language, origin).filter((one) => one.heading === heading)
  if (!block) throw new Error(`docs/clients.md has no ${language} below "${heading}"`)
  return block.text
}
