import { describe, expect, it } from 'vitest'
import { isJsonObject, type JsonObject } from '../../../canonical/json.ts'
import { Losses } from '../../../canonical/loss.ts'
import { edit } from '../../../canonical/origin.ts'
import type { RerankCall } from '../../../canonical/rerank.ts'
import { noUsage } from '../../../canonical/usage.ts'
import { cohereRerank } from '../../cohere-rerank/index.ts'
import type { Dialect } from '../../dialect.ts'
import { jinaRerank } from '../../jina-rerank/index.ts'
import { passedOn } from '../../laws/both-relays.ts'
import { dialectLaws } from '../../laws/dialect-laws.ts'
import { differencesOf, withUnknownFields } from '../../laws/json-places.ts'
import { refusedParam } from '../../laws/refused-param.ts'
import { answerSettings } from '../../laws/retell.ts'
import { voyageRerank } from '../../voyage-rerank/index.ts'

const body = { model: 'r', query: 'a query', documents: ['one', 'two', 'three'] }
const results = [
  { index: 2, relevance_score: 0.9 },
  { index: 0, relevance_score: 0.1 },
]

dialectLaws(cohereRerank, {
  apis: ['rerank'],
  providers: ['cohere'],
  leftOut: [],
  body,
  reply: { results, meta: { billed_units: { search_units: 2 } } },
  usage: { ...noUsage, searches: 2 },
  stream: undefined,
})

for (const dialect of [jinaRerank, voyageRerank])
  dialectLaws(dialect, {
    apis: [],
    providers: [],
    leftOut: [],
    body,
    reply: { model: 'r-1', results, usage: { total_tokens: 17 } },
    usage: { ...noUsage, inputUncached: 17 },
    stream: undefined,
  })

const rerankers = [cohereRerank, jinaRerank, voyageRerank]
const golden: readonly JsonObject[] = [
  body,
  { ...body, documents: [{ text: 'one' }, 'two', { title: 'a record', text: 'with fields' }] },
  { ...body, documents: [{ image: 'https://a.example/b.png' }] },
  { ...body, query: { image: 'https://a.example/b.png' } },
  { ...body, top_n: 2, return_documents: true, max_tokens_per_doc: 100 },
  { ...body, top_k: 2, truncation: false },
  { ...body, top_n: null, rank_fields: ['title'], priority: 3 },
]

describe.each(rerankers.map((dialect) => [dialect.name, dialect] as const))('%s', (_, dialect) => {
  const { readQuestion, writeQuestion } = translationOf(dialect)

  it('gives calls back as they came, with unknown fields too', () => {
    for (const one of golden)
      for (const said of [one, withUnknownFields(one, () => false)]) {
        if (!isJsonObject(said)) continue
        const losses = new Losses()
        expect(writeQuestion(readQuestion(said), losses)).toEqual(said)
        expect(losses.list()).toEqual([])
      }
  })

  it('shows an edit where it was made and nowhere else', () => {
    for (const one of golden) {
      const call = readQuestion(one)
      for (const [place, document] of call.documents.entries()) {
        if (document.kind !== 'text') continue
        const documents = call.documents.with(place, edit(document, { text: '***' }))
        const found = [...differencesOf(one, writeQuestion(edit(call, { documents }), new Losses()))]
        expect(found).toMatchObject([{ right: '***' }])
      }
    }
  })

  it('says the same as bytes that are passed on', () => {
    for (const one of golden)
      expect(writeQuestion(edit<RerankCall>(readQuestion(one), { modelName: 'other' }), new Losses())).toEqual(
        passedOn(dialect, one, 'other'),
      )
  })

  it('ranks the same documents in every other dialect, or refuses', () => {
    for (const other of rerankers) {
      const said = { ...body, top_n: 2, top_k: 2 }
      const asked = translationOf(other).writeQuestion(readQuestion(said), new Losses())
      expect(translationOf(other).readQuestion(asked)).toMatchObject({
        documents: readQuestion(body).documents,
        topCount: 2,
      })
      if (other === dialect) continue
      const pictured = readQuestion({ ...body, documents: [{ image: 'x' }] })
      expect(() => translationOf(other).writeQuestion(pictured, new Losses())).toThrow('documents[0] (image)')
    }
  })

  it('tells the answers of every other dialect', () => {
    const answer = {
      modelName: 'r-1',
      results: [{ index: 2, score: 0.9 }],
      usage: { ...noUsage, inputUncached: 5 },
      unheard: [],
    }
    const question = readQuestion(body)
    const told = translationOf(dialect).writeAnswer(answer, question, new Losses(), answerSettings())
    expect(translationOf(dialect).readAnswer(told)).toMatchObject({ results: answer.results })
    expect(dialect.readReply(told).problem).toBeUndefined()
    const beyond = { ...answer, results: [{ index: 3, score: 0.9 }] }
    expect(() => translationOf(dialect).writeAnswer(beyond, question, new Losses(), answerSettings())).toThrow(
      'document 3 of 3',
    )
  })

  it('M13 refuses a call without a query or documents', () => {
    expect(refusedParam(() => dialect.readCall({ model: 'r', documents: ['a'] }))).toBe('query')
    expect(refusedParam(() => dialect.readCall({ model: 'r', query: 'a' }))).toBe('documents')
    expect(refusedParam(() => dialect.readCall({ model: 'r', query: 'a', documents: [] }))).toBe('documents')
  })
})

describe('the most that reranking can come to', () => {
  const mostOf = (documents: readonly string[]) =>
    cohereRerank.readCall({ model: 'r', query: 'q'.repeat(10), documents }).most

  it('is a search for every hundred pieces of documents', () => {
    expect(mostOf(['a'])).toMatchObject({ searches: 1 })
    expect(mostOf(Array.from({ length: 101 }, () => 'a'))).toMatchObject({ searches: 2 })
    expect(mostOf(['a'.repeat(244 * 100), 'b'])).toMatchObject({ searches: 2 })
  })

  it('may fill the window once for each document', () => {
    const said = { model: 'r', query: 'q', documents: ['a', 'b', 'c'] }
    for (const { readCall, readExtent } of rerankers)
      expect([readCall(said).inputCount, readExtent(said).inputs]).toEqual([3, 3])
  })

  it('reads the query once for each document', () => {
    expect(mostOf(['a', 'b', 'c'])?.inputUncached).toBe(2 * 10 + 3 * 16)
  })
})

function translationOf({ rerank }: Dialect) {
  if (!rerank) throw new Error('no reranking')
  return rerank
}
