import { ApiError, FunctionCallingConfigMode, GoogleGenAI, type GenerateContentResponse } from '@google/genai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../canonical/clock.ts'
import { post, weather } from './laws/post.ts'
import { nothingBilled, type SimulatedEntry } from './log.ts'
import { startSimulated, type SimulatedServer } from './serve.ts'
import { countTokens } from './tokens.ts'

let simulated: SimulatedServer
let genAi: GoogleGenAI

beforeAll(async () => {
  simulated = await startSimulated({ clock: systemClock, speed: 'instant', apiKey: 'secret-1' })
  const httpOptions = { baseUrl: simulated.origin, retryOptions: { attempts: 1 } }
  genAi = new GoogleGenAI({ apiKey: 'secret-1', httpOptions })
})

afterAll(async () => {
  await simulated.close()
})

const asked = { model: 'sim-1', contents: 'How much water is there?' }
const functionDeclarations = ['weather', 'tide', 'wind'].map((name) => ({ name, parametersJsonSchema: weather }))

/** The SDK refuses a name with a question mark, and puts one that is encoded into the path as it is. */
describe('generateContent', () => {
  it('says the same whole and streamed, and counts the same', async () => {
    const whole = await genAi.models.generateContent(asked)
    const chunks = await streamOf(asked)
    expect(chunks.map(({ text }) => text ?? '').join('')).toBe(whole.text)
    expect(chunks.at(-1)?.usageMetadata).toEqual(whole.usageMetadata)
    expect([whole, chunks.at(-1)].map((one) => one?.candidates?.[0]?.finishReason)).toEqual(['STOP', 'STOP'])
    expect(whole.usageMetadata?.candidatesTokenCount).toBe(countTokens(whole.text ?? ''))
    expect(lastEntry()).toMatchObject({ modelName: 'sim-1', ended: 'whole', isStream: true })
    expect(lastEntry().billed.outputText).toBe(whole.usageMetadata?.candidatesTokenCount)
  })

  it('stops at its limit of tokens, and at a stop sequence', async () => {
    const short = await genAi.models.generateContent({ ...asked, config: { maxOutputTokens: 3 } })
    expect(short.candidates?.[0]?.finishReason).toBe('MAX_TOKENS')
    const stopped = await genAi.models.generateContent({ ...asked, config: { stopSequences: [' simulated'] } })
    expect([stopped.candidates?.[0]?.finishReason, stopped.text]).toEqual(['STOP', 'This is a'])
  })

  it('calls functions, whole and streamed, and then answers', async () => {
    const config = { tools: [{ functionDeclarations }] }
    const several = { ...asked, contents: 'Do both', config }
    const whole = await genAi.models.generateContent(several)
    const chunks = await streamOf(several)
    expect(whole.functionCalls?.map(({ name }) => name)).toEqual(['weather', 'tide', 'wind'])
    expect(chunks.flatMap(({ functionCalls }) => functionCalls ?? [])).toEqual(whole.functionCalls)
    const mode = FunctionCallingConfigMode.ANY
    const toolConfig = { functionCallingConfig: { mode, allowedFunctionNames: ['tide'] } }
    const named = await genAi.models.generateContent({ ...asked, config: { ...config, toolConfig } })
    expect(named.functionCalls?.map(({ name }) => name)).toEqual(['tide'])
    const functionResponse = { name: 'weather', response: { degrees: 7 } }
    const contents = [
      { role: 'user', parts: [{ text: 'Do both' }] },
      { role: 'model', parts: [{ functionCall: { name: 'weather', args: {} } }] },
      { role: 'user', parts: [{ functionResponse }] },
    ]
    const answered = await genAi.models.generateContent({ ...asked, contents, config })
    expect([answered.functionCalls, (answered.text ?? '').length > 0]).toEqual([undefined, true])
  })

  it('answers by a schema, also by one with types in capitals, and in the other spelling', async () => {
    const responseSchema = { type: 'OBJECT', properties: { count: { type: 'INTEGER' } }, required: ['count'] }
    const generation = { response_mime_type: 'application/json', response_schema: responseSchema }
    const body = { contents: { parts: [{ text: 'x' }] }, generation_config: generation, system_instruction: null }
    const path = '/v1beta/models/sim-1:generateContent'
    expect((await post(simulated.origin, path, body, { 'x-goog-api-key': 'secret-1' })).json).toMatchObject({
      candidates: [{ content: { role: 'model', parts: [{ text: '{"count":7}' }] }, finishReason: 'STOP' }],
    })
  })

  it('gives several candidates', async () => {
    const { candidates } = await genAi.models.generateContent({ ...asked, config: { candidateCount: 2 } })
    expect(candidates?.map(({ index }) => index)).toEqual([0, 1])
  })

  it.each([
    ['status=429', 'RESOURCE_EXHAUSTED'],
    ['status=503', 'UNAVAILABLE'],
    ['status=500', 'INTERNAL'],
    ['nope=1', 'INVALID_ARGUMENT'],
  ])('fails with %s in the words of the dialect, and bills nothing', async (query, word) => {
    const thrown: unknown = await genAi.models
      .generateContent({ ...asked, model: encodeURIComponent(`sim-1?${query}`) })
      .catch(String)
    expect(thrown).toContain(word)
    expect(lastEntry()).toMatchObject({ ended: 'refused', billed: nothingBilled })
  })

  it('puts an error into a stream, or leaves its end out', async () => {
    await expect(streamOf({ ...asked, model: encodeURIComponent('sim-1?error_after=2') })).rejects.toBeInstanceOf(
      ApiError,
    )
    expect(lastEntry()).toMatchObject({ ended: 'error', outputTokens: 2, billed: { outputText: 2 } })
    const chunks = await streamOf({ ...asked, model: encodeURIComponent('sim-1?cut=end') })
    expect(chunks.some(({ candidates }) => candidates?.[0]?.finishReason !== undefined)).toBe(false)
  })

  it.each(['none', 'null'])('tells usage as %s', async (mode) => {
    const told = await genAi.models.generateContent({ ...asked, model: encodeURIComponent(`sim-1?usage=${mode}`) })
    // The SDK does not tell the two apart.
    expect(told.usageMetadata).toBeUndefined()
    const key = { 'x-goog-api-key': 'secret-1' }
    const path = `/v1beta/models/sim-1%3Fusage=${mode}:generateContent`
    const { text } = await post(simulated.origin, path, { contents: [{ parts: [{ text: 'x' }] }] }, key)
    expect(text.includes('"usageMetadata":null')).toBe(mode === 'null')
  })

  it('tells usage twice, or negative', async () => {
    const twice = await streamOf({ ...asked, model: encodeURIComponent('sim-1?usage=twice') })
    expect(twice.slice(-2).map(({ usageMetadata }) => usageMetadata)).toEqual([
      twice.at(-1)?.usageMetadata,
      twice.at(-1)?.usageMetadata,
    ])
    const negative = await genAi.models.generateContent({ ...asked, model: encodeURIComponent('sim-1?usage=negative') })
    expect(negative.usageMetadata?.promptTokensDetails?.[0]?.tokenCount).toBeLessThan(0)
  })

  it('is not where the path is no URL, and asks for its key', async () => {
    expect((await post(simulated.origin, '/v1beta/models/%ff:generateContent', {})).status).toBe(401)
    const key = { 'x-goog-api-key': 'secret-1' }
    expect((await post(simulated.origin, '/v1beta/models/%ff:generateContent', {}, key)).status).toBe(404)
  })
})

async function streamOf(
  parameters: Parameters<GoogleGenAI['models']['generateContentStream']>[0],
): Promise<readonly GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = []
  for await (const chunk of await genAi.models.generateContentStream(parameters)) chunks.push(chunk)
  return chunks
}

function lastEntry(): SimulatedEntry {
  const entry = simulated.log.entries().at(-1)
  if (!entry) throw new Error('the log is empty')
  return entry
}
