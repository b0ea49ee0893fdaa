/**
 * Text from elsewhere, made fit for a terminal: control and formatting characters (escape sequences, line breaks, text that
 * runs backwards) become a visible mark (failures.md L6).
 */
export function visible(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{FFFD}')
}

/** The same for text that may have several lines. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n')
}
