import { stringify } from 'csv-stringify/sync'

export type CsvCell = string | number | null

/**
 * Writes CSV (RFC 4180) with a header line. A text such as `=HYPERLINK(...)` must not run in a spreadsheet: cells that
 * begin with `=`, `+`, `-`, `@`, a tab or a carriage return, or have the first four behind white space, which some programs take
 * off, get an apostrophe in front (failures.md L6; OWASP, "CSV Injection"), but for amounts of money as the API writes them: one
 * below zero is to be added up. Absent values are empty.
 */
export function writeCsv(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return writeCsvLines([header, ...rows])
}

/** The same without a header: lines to stand behind others. */
export function writeCsvLines(rows: readonly (readonly CsvCell[])[]): string {
  const lines = rows.map((row) => [...row])
  return stringify(lines, {
    record_delimiter: 'windows',
    quoted_match: /[\r\n]/,
    escape_formulas: true,
    cast: { string: (text) => (isAmount(text) ? { value: text, escape_formulas: false } : escaped(text)) },
  })
}

/** What begins with the sign itself `escape_formulas` sees to. */
function escaped(text: string): string {
  return /^\s+[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text
}

function isAmount(text: string): boolean {
  return /^-?\d+\.\d{9}$/.test(text)
}
