import { describe, expect, it } from 'vitest'
import { writeCsv } from './csv.ts'

describe('writeCsv', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    // Wide forms: some spreadsheets take them for the narrow ones.
    ['\uFF1D1', "'\uFF1D1"],
    ['\uFF0B1', "'\uFF0B1"],
    ['\uFF0D1', "'\uFF0D1"],
    ['\uFF20A1', "'\uFF20A1"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['\n=1', '"\'\n=1"'],
    [' =1', "' =1"],
    ['\u00A0\uFF0B1', "'\u00A0\uFF0B1"],
  ])('L6: %j is no formula', (cell, written) => {
    expect(writeCsv(['a'], [[cell]])).toBe(`a\r\n${written}\r\n`)
  })

  it('quotes what would be another cell or line, leaves numbers alone, and writes nothing for nothing', () => {
    expect(writeCsv(['a', 'b', 'c', 'd'], [['x,y', 'say "hi"', 'two\nlines', 'cr\ralone']])).toBe(
      'a,b,c,d\r\n"x,y","say ""hi""","two\nlines","cr\ralone"\r\n',
    )
    expect(writeCsv(['a', 'b'], [[-1, null]])).toBe('a,b\r\n-1,\r\n')
    expect(writeCsv(['a'], [])).toBe('a\r\n')
  })

  it('leaves amounts below zero to be added up', () => {
    expect(writeCsv(['usd'], [['-0.000123000'], ['-1+cmd'], ['-']])).toBe("usd\r\n-0.000123000\r\n'-1+cmd\r\n'-\r\n")
  })
})
