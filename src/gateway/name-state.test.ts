import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../canonical/json.ts'
import { dialects } from '../dialects/all.ts'
import type { DialectName } from '../dialects/dialect.ts'
import { mostKept } from '../dialects/kept-names.ts'
import { readAsked } from './read-asked.ts'

const user = (content: Json) => [{ role: 'user', content }]
const ask = (more: JsonObject) => ({ model: 'm', input: 'Hello', ...more })
const message = (more: JsonObject) => ({ model: 'm', max_tokens: 5, messages: user('Hello'), ...more })
const generate = (more: JsonObject) => ({ model: 'm', contents: [{ parts: [{ text: 'Hello' }] }], ...more })
const address = 'https://generativelanguage.googleapis.com/v1beta/files/f1'
const image = { type: 'image', source: { type: 'file', file_id: 'f1' } }
const schema = { type: 'object', properties: { file_id: { type: 'string' } }, examples: [{ file_id: 'f1' }] }

function stateOf(dialect: DialectName, body: object | string) {
  return readAsked(dialects[dialect], Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))).call.state
}

describe('B4: what a provider keeps', () => {
  it.each<[DialectName, string, string, string, JsonObject]>([
    [
      'openai-chat',
      'file',
      'f1',
      'messages[0].content[0].file.file_id',
      { model: 'm', messages: user([{ type: 'file', file: { file_id: 'f1' } }]) },
    ],
    [
      'openai-chat',
      'file',
      'f1',
      'messages[0].content[0].file_id',
      { model: 'm', messages: user([{ type: 'file', file_id: 'f1' }]) },
    ],
    [
      'openai-responses',
      'file',
      'f1',
      'input[0].content[0].file_id',
      ask({ input: user([{ type: 'input_image', file_id: 'f1' }]) }),
    ],
    [
      'openai-responses',
      'file',
      'f1',
      'input[0].output.file_id',
      ask({
        input: [{ type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot', file_id: 'f1' } }],
      }),
    ],
    [
      'openai-responses',
      'file',
      'f1',
      'instructions[0].content[0].file_id',
      ask({ instructions: [{ role: 'developer', content: [{ type: 'input_file', file_id: 'f1' }] }] }),
    ],
    [
      'openai-responses',
      'file',
      'f1',
      'prompt.variables.file_id.file_id',
      ask({ prompt: { variables: { file_id: { type: 'input_file', file_id: 'f1' } } } }),
    ],
    [
      'openai-responses',
      'file',
      'f1',
      'tools[0].input_image_mask.file_id',
      ask({ tools: [{ type: 'image_generation', input_image_mask: { file_id: 'f1' } }] }),
    ],
    [
      'openai-responses',
      'file',
      'f1',
      'tools[0].container.file_ids[0]',
      ask({ tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['f1'] } }] }),
    ],
    [
      'openai-responses',
      'store',
      'vs1',
      'tools[0].vector_store_ids[0]',
      ask({ tools: [{ type: 'file_search', vector_store_ids: ['vs1'] }] }),
    ],
    [
      'openai-responses',
      'container',
      'c1',
      'tools[0].container',
      ask({ tools: [{ type: 'code_interpreter', container: 'c1' }] }),
    ],
    [
      'openai-responses',
      'container',
      'c1',
      'tools[0].environment.container_id',
      ask({ tools: [{ type: 'shell', environment: { type: 'container_reference', container_id: 'c1' } }] }),
    ],
    [
      'openai-responses',
      'container',
      'c1',
      'input[0].container_id',
      ask({ input: [{ type: 'code_interpreter_call', id: 'ci1', container_id: 'c1', code: '1' }] }),
    ],
    [
      'openai-input-tokens',
      'file',
      'f1',
      'tools[0].input_image_mask.file_id',
      ask({ tools: [{ type: 'image_generation', input_image_mask: { file_id: 'f1' } }] }),
    ],
    ['openai-image-edits', 'file', 'f1', 'images[0].file_id', { model: 'm', prompt: 'p', images: [{ file_id: 'f1' }] }],
    ['openai-image-edits', 'file', 'f1', 'mask.file_id', { model: 'm', prompt: 'p', mask: { file_id: 'f1' } }],
    ['anthropic-messages', 'container', 'c1', 'container', message({ container: 'c1' })],
    ['anthropic-messages', 'container', 'c1', 'container', message({ container: { id: 'c1', skills: [] } })],
    ['anthropic-messages', 'file', 'f1', 'system[0].source.file_id', message({ system: [image] })],
    [
      'anthropic-messages',
      'file',
      'f1',
      'messages[0].content[0].file_id',
      message({ messages: user([{ type: 'container_upload', file_id: 'f1' }]) }),
    ],
    [
      'anthropic-messages',
      'file',
      'f1',
      'messages[0].content[0].source.content[0].source.file_id',
      message({ messages: user([{ type: 'document', source: { type: 'content', content: [image] } }]) }),
    ],
    [
      'anthropic-count-tokens',
      'file',
      'f1',
      'messages[0].content[0].content[0].source.file_id',
      message({ messages: user([{ type: 'tool_result', tool_use_id: 't', content: [image] }]) }),
    ],
    [
      'gemini-generate',
      'file',
      'files/f1',
      'contents[0].parts[0].fileData.fileUri',
      generate({ contents: [{ parts: [{ fileData: { fileUri: address } }] }] }),
    ],
    [
      'gemini-generate',
      'file',
      'files/f1',
      'system_instruction.parts[0].file_data.file_uri',
      generate({ system_instruction: { parts: [{ file_data: { file_uri: address } }] } }),
    ],
    [
      'gemini-generate',
      'file',
      'files/f1',
      'contents[0].parts[0].functionResponse.parts[0].fileData.fileUri',
      generate({ contents: [{ parts: [{ functionResponse: { parts: [{ fileData: { fileUri: address } }] } }] }] }),
    ],
    [
      'gemini-generate',
      'cache',
      'cachedContents/c1',
      'cached_content',
      generate({ cached_content: 'cachedContents/c1' }),
    ],
    [
      'gemini-generate',
      'store',
      'fileSearchStores/s1',
      'tools[0].fileSearch.fileSearchStoreNames[0]',
      generate({ tools: [{ fileSearch: { fileSearchStoreNames: ['fileSearchStores/s1'] } }] }),
    ],
    [
      'gemini-count-tokens',
      'file',
      'files/f1',
      'generateContentRequest.contents[0].parts[0].fileData.fileUri',
      { model: 'm', generateContentRequest: generate({ contents: [{ parts: [{ fileData: { fileUri: address } }] }] }) },
    ],
    [
      'gemini-embeddings',
      'file',
      'files/f1',
      'content.parts[0].fileData.fileUri',
      { model: 'm', content: { parts: [{ fileData: { fileUri: address } }] } },
    ],
  ])('in %s is found as %s %s at %s', (dialect, kind, id, param, body) => {
    expect(stateOf(dialect, body)).toEqual([{ kind, id, param }])
  })

  it('is found under a name that is written with an escape', () => {
    const text = JSON.stringify(ask({ tools: [{ type: 'code_interpreter', container: 'c1' }] }))
    const spelled = text.replace('"container"', String.raw`"\u0063ontainer"`)
    expect(stateOf('openai-responses', spelled)).toEqual([{ kind: 'container', id: 'c1', param: 'tools[0].container' }])
  })

  it('is found in a form, whose names have brackets', () => {
    const names = ['images[][file_id]', 'mask[file_id]', 'image[0][file_id]']
    const fields = names.map((name) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\nf1\r\n`)
    const body = Buffer.from(
      `--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nm\r\n${fields.join('')}--b--\r\n`,
    )
    const { call } = readAsked(dialects['openai-image-edits'], body, undefined, 'multipart/form-data; boundary=b')
    expect(call.state).toEqual(names.map((param) => ({ kind: 'file', id: 'f1', param })))
  })

  it('is refused beside a key that comes twice: the provider might read the first, which nobody judged', () => {
    const twice = JSON.stringify(ask({ prompt: { id: 'p', variables: { x: { file_id: 'f2' } } } })).replace(
      '"file_id":',
      '"file_id":"f1","file_id":',
    )
    expect(() => stateOf('openai-responses', twice)).toThrow(expect.objectContaining({ kind: 'invalid_request' }))
    const harmless = JSON.stringify(ask({ metadata: { a: '2' } })).replace('"a":', '"a":"1","a":')
    expect(stateOf('openai-responses', harmless)).toBeUndefined()
  })

  it('is refused where it is more than any conversation names: each is looked up', () => {
    const naming = (count: number) =>
      ask({ tools: [{ type: 'file_search', vector_store_ids: Array<string>(count).fill('vs_1') }] })
    expect(stateOf('openai-responses', naming(mostKept))).toHaveLength(mostKept)
    expect(() => stateOf('openai-responses', naming(mostKept + 1))).toThrow(
      expect.objectContaining({ kind: 'invalid_request', param: `tools[0].vector_store_ids[${mostKept}]` }),
    )
  })

  it('is found however deep it lies', () => {
    let content: Json = [image]
    for (let depth = 0; depth < 25; depth++) content = [{ content }]
    expect(stateOf('anthropic-messages', message({ messages: user(content) }))).toMatchObject([{ id: 'f1' }])
  })

  it.each<[string, DialectName, JsonObject]>([
    [
      'the arguments and schemas of tools',
      'openai-chat',
      {
        model: 'm',
        messages: [
          { role: 'assistant', tool_calls: [{ id: 'call_1', function: { name: 'f', arguments: '{"file_id":"f1"}' } }] },
        ],
        tools: [{ type: 'function', function: { name: 'f', parameters: schema } }],
        metadata: { file_id: 'f1' },
      },
    ],
    [
      'what an answer has cited, and what a search has found',
      'openai-responses',
      ask({
        input: [
          {
            type: 'message',
            role: 'assistant',
            id: 'msg_1',
            content: [
              {
                type: 'output_text',
                text: 'x',
                annotations: [
                  { type: 'container_file_citation', container_id: 'c1', file_id: 'cfile_1' },
                  { type: 'file_citation', file_id: 'f1' },
                  { type: 'file_path', file_id: 'f1' },
                ],
              },
            ],
          },
          { type: 'file_search_call', id: 'fs_1', queries: ['x'], results: [{ file_id: 'f1', text: 'x' }] },
          { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{"container":"c1"}' },
        ],
        tools: [
          { type: 'function', name: 'f', parameters: schema },
          { type: 'code_interpreter', container: { type: 'auto' } },
        ],
      }),
    ],
    [
      'the variables of a prompt by their own names',
      'openai-responses',
      ask({ prompt: { variables: { file_id: 'f1' } } }),
    ],
    [
      'what a tool of the provider’s has made, and what was cited',
      'anthropic-messages',
      message({
        messages: [
          {
            role: 'assistant',
            content: [
              { type: 'tool_use', id: 'toolu_1', name: 'f', input: { file_id: 'f1', container: 'c1' } },
              {
                type: 'bash_code_execution_tool_result',
                tool_use_id: 'srvtoolu_1',
                content: {
                  type: 'bash_code_execution_result',
                  content: [{ type: 'bash_code_execution_output', file_id: 'f1' }],
                },
              },
              { type: 'text', text: 'x', citations: [{ type: 'page_location', file_id: 'f1', cited_text: 'x' }] },
            ],
          },
        ],
        tools: [{ name: 'f', input_schema: schema }],
        container: { skills: [{ type: 'anthropic', skill_id: 'pptx', version: 'latest' }] },
      }),
    ],
    [
      'the arguments and results of functions',
      'gemini-generate',
      generate({
        contents: [
          {
            parts: [
              { functionCall: { name: 'f', args: { fileUri: address } } },
              { functionResponse: { name: 'f', response: { fileUri: address, cachedContent: 'x' } } },
              { fileData: { fileUri: 'https://www.youtube.com/watch?v=x' } },
              { fileData: { fileUri: 'gs://bucket/files/film.mp4' } },
            ],
          },
        ],
      }),
    ],
  ])('is not %s', (_, dialect, body) => {
    expect(stateOf(dialect, body)).toBeUndefined()
  })
})
