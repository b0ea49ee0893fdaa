import { describe, expect, it } from 'vitest'
import { keptFileIn } from './kept.ts'

const host = 'https://generativelanguage.googleapis.com'

describe('the address of a file', () => {
  it.each([
    'files/f-1',
    '/files/f-1',
    '/v1beta/files/f-1',
    `${host}/v1beta/files/f-1`,
    `${host}/v1/files/f-1`,
    `${host}/v1main/files/f-1`,
    `${host}/v1beta/files/f-1?x=1`,
    `${host}/v1beta/files/f-1#x`,
    `${host}/v1beta/files/f-1:download?alt=media`,
    `${host}//v1beta//files//f-1`,
    `${host}/v1beta/x/../files/f-1`,
    `${host}/v1beta/fi%6ces/f-1`,
    `${host}/v1beta/files%2Ff-1`,
    ` ${host}/v1beta/files/f-1\n`,
    `${host}/v1beta/fi\tles/f-1`,
    `${host}:443/v1beta/files/f-1`,
    'http://GENERATIVELANGUAGE.googleapis.com./v1beta/files/f-1',
    String.raw`https:\\generativelanguage.googleapis.com\v1beta\files\f-1`,
    'generativelanguage.googleapis.com/v1beta/files/f-1',
    'http://localhost:8080/v1beta/files/f-1',
    'https://weir.example/v1beta/files/f-1:download',
  ])('%j names the file that Gemini keeps', (address) => {
    expect(keptFileIn(address)).toBe('files/f-1')
  })

  it.each([
    'https://www.youtube.com/watch?v=x',
    'https://example.com/files/report.pdf',
    'https://storage.googleapis.com/bucket/files/report.pdf',
    'gs://bucket/files/f-1',
    'data:text/plain,files/f-1',
  ])('%j names none', (address) => {
    expect(keptFileIn(address)).toBeUndefined()
  })

  it.each([`${host}/v1beta/corpora/x`, `${host}/v1beta/files/`, `${host}/v1beta/%2566iles/f-1`, 'https://[files/f-1'])(
    '%j, which cannot be told, goes by itself',
    (address) => {
      expect(keptFileIn(address)).toBe(address)
    },
  )
})
