import type { Json, JsonObject } from '../../src/canonical/json.ts'
import type { CallCase } from '../../src/dialects/laws/exchanges.ts'

/** Calls of our own in a dialect of embeddings. */
export function ownCalls(dialectName: string): readonly CallCase[] {
  if (dialectName === 'gemini-embeddings') return geminiGolden()
  return dialectName === 'cohere-embeddings' ? cohereGolden() : listedGolden()
}

/** Our own cases: every shape of an input, with every field beside it. Shapes: OpenAI API description 2.3.0. */
function listedGolden(): readonly CallCase[] {
  const inputs: readonly Json[] = [
    'one text',
    '',
    'Grüße, 世界 😀',
    ['one text in a list'],
    ['two', 'texts'],
    ['a', '', 'b'],
    [1, 2, 3],
    [[1, 2], [3]],
    ['a text', [1, 2]],
    [],
    ['\n', '\u0000'],
  ]
  const others: readonly JsonObject[] = [
    { dimensions: 256 },
    { encoding_format: 'base64' },
    { encoding_format: 'float', user: 'u-1' },
    { input_type: 'query' },
    { input_type: 'document', truncation: true },
    { input_type: 'search_query', output_dimension: 256 },
    { user: '' },
    { dimensions: null, encoding_format: null },
    { truncate: 'END', output_dtype: 'int8' },
    { provider: { order: ['a'], allow_fallbacks: false } },
    { metadata: { team: 'search' } },
  ]
  return [
    ...inputs.map((input, index) => ({ id: `golden/input-${index}`, body: { model: 'e', input } })),
    ...membered(others, { model: 'e', input: 'a' }),
  ]
}

/** Shapes: Cohere's `/v2/embed` as recorded in 2025 and 2026. */
function cohereGolden(): readonly CallCase[] {
  const picture = 'data:image/png;base64,iVBORw0KGgo='
  const inputs: readonly JsonObject[] = [
    { texts: ['one'] },
    { texts: ['one', 'Grüße, 世界 😀', ''] },
    { images: [picture], input_type: 'image' },
    { inputs: [{ content: [{ type: 'text', text: 'one' }] }, { content: [{ type: 'text', text: 'two' }] }] },
    {
      inputs: [
        {
          content: [
            { type: 'text', text: 'a logo' },
            { type: 'image_url', image_url: { url: picture } },
          ],
        },
      ],
    },
  ]
  const others: readonly JsonObject[] = [
    { embedding_types: ['float'] },
    { embedding_types: ['base64'] },
    { embedding_types: ['int8'] },
    { embedding_types: ['float', 'ubinary'] },
    { embedding_types: [] },
    { input_type: 'search_query' },
    { input_type: 'classification', truncate: 'NONE' },
    { truncate: 'START' },
    { truncate: 'END', output_dimension: 256 },
    { truncate: null, output_dimension: null, max_tokens: null },
    { max_tokens: 128 },
    { priority: 3 },
    { input_type: 'image' },
    { input_type: 'search_document', embedding_types: ['float'], output_dimension: 1536 },
    { unknown: { deep: [1] } },
  ]
  return [
    ...inputs.map((members, index) => ({ id: `golden/input-${index}`, body: { model: 'e', ...members } })),
    ...membered(others, { model: 'e', texts: ['a', 'b'] }),
  ]
}

/** Shapes: Gemini API discovery document, revision 20260717. */
function geminiGolden(): readonly CallCase[] {
  const content = { parts: [{ text: 'one' }] }
  const singles: readonly JsonObject[] = [
    { content },
    { content, taskType: 'RETRIEVAL_QUERY' },
    { content, task_type: 'CLUSTERING', output_dimensionality: 256 },
    { content: { role: 'user', parts: [{ text: '' }] } },
    { content: { parts: { text: 'without a list' } } },
    { content: { parts: [{ text: 'two' }, { text: 'parts' }] } },
    { content: { parts: [{ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }] } },
    { content, title: 'a title', taskType: 'RETRIEVAL_DOCUMENT' },
    { content, embedContentConfig: { autoTruncate: true } },
    { content, model: 'models/e' },
  ]
  const question = { model: 'models/e', content }
  const batches: readonly JsonObject[] = [
    { requests: [question] },
    { requests: [question, { ...question, content: { parts: [{ text: 'Grüße, 世界 😀' }] } }] },
    { requests: [{ ...question, taskType: 'CLASSIFICATION' }] },
    {
      requests: [question, question].map((one) => ({ ...one, taskType: 'RETRIEVAL_QUERY', outputDimensionality: 256 })),
    },
    {
      requests: [
        { ...question, taskType: 'RETRIEVAL_QUERY' },
        { ...question, taskType: 'RETRIEVAL_DOCUMENT' },
      ],
    },
    { requests: [{ ...question, taskType: 'SEMANTIC_SIMILARITY' }] },
    { requests: [{ ...question, title: 'a title' }, question] },
    { requests: [{ content }] },
    { requests: [{ ...question, outputDimensionality: null }] },
    { requests: [{ ...question, unknown: [1] }], odd: true },
  ]
  return [
    ...membered(singles, { model: 'e' }, 'single'),
    ...membered(batches, { model: 'e', method: 'batchEmbedContents' }, 'batch'),
  ]
}

function membered(list: readonly JsonObject[], body: JsonObject, what = 'members'): readonly CallCase[] {
  return list.map((members, index) => ({ id: `golden/${what}-${index}`, body: { ...body, ...members } }))
}
