import { isJsonObject, type Json, type JsonObject } from '../../src/canonical/json.ts'

/**
 * What a body says, told by a reader that is naive on purpose and shares no code with the dialects: the words in it, the
 * tools, the limits.
 */
export interface BodyFacts {
  readonly system: string
  readonly user: string
  readonly assistant: string
  readonly toolCalls: Json
  readonly toolResults: Json
  readonly tools: Json
  readonly toolChoice: Json
  readonly isParallel: Json
  readonly outputCap: Json
  readonly temperature: Json
  readonly topP: Json
  readonly stop: Json
  readonly schema: Json
  readonly effort: Json
  readonly isStream: boolean
}

export function factsOfChat(body: JsonObject): BodyFacts {
  const messages = objects(body['messages'])
  const by = (...roles: readonly string[]) => messages.filter(({ role }) => roles.includes(String(role)))
  const choice = body['tool_choice']
  const format = body['response_format']
  return {
    system: texts(by('system', 'developer')),
    user: texts(by('user')),
    assistant: texts(by('assistant')),
    toolCalls: by('assistant')
      .flatMap((message) => objects(message['tool_calls']))
      .map((call) => ({
        id: call['id'] ?? null,
        name: at(call, 'function', 'name'),
        input: parsed(at(call, 'function', 'arguments')),
      })),
    toolResults: by('tool').map((message) => ({
      id: message['tool_call_id'] ?? null,
      text: textOf(message['content']),
    })),
    tools: objects(body['tools']).map(({ function: said }) => ({
      name: at(said, 'name'),
      description: at(said, 'description'),
      schema: at(said, 'parameters'),
      isStrict: at(said, 'strict'),
    })),
    toolChoice: isJsonObject(choice)
      ? { name: at(choice, 'function', 'name') }
      : choice === 'required'
        ? 'any'
        : (choice ?? null),
    isParallel: body['parallel_tool_calls'] ?? null,
    outputCap: body['max_completion_tokens'] ?? body['max_tokens'] ?? null,
    temperature: body['temperature'] ?? null,
    topP: body['top_p'] ?? null,
    stop: typeof body['stop'] === 'string' ? [body['stop']] : (body['stop'] ?? null),
    schema: at(format, 'json_schema', 'schema'),
    effort: body['reasoning_effort'] ?? null,
    isStream: body['stream'] === true,
  }
}

export function factsOfMessages(body: JsonObject): BodyFacts {
  const messages = objects(body['messages'])
  const blocksOf = (role: string) =>
    messages.filter((message) => message['role'] === role).flatMap(({ content }) => blocks(content))
  const choice = body['tool_choice']
  const choiceType = at(choice, 'type')
  const isAlone = at(choice, 'disable_parallel_tool_use')
  return {
    system: textOf(body['system']),
    user: textOf(blocksOf('user')),
    assistant: textOf(blocksOf('assistant')),
    toolCalls: blocksOf('assistant')
      .filter(({ type }) => type === 'tool_use')
      .map(({ id = null, name = null, input = null }) => ({ id, name, input })),
    toolResults: blocksOf('user')
      .filter(({ type }) => type === 'tool_result')
      .map((block) => ({ id: block['tool_use_id'] ?? null, text: textOf(block['content']) })),
    tools: objects(body['tools']).map(
      ({ name = null, description = null, input_schema: schema = null, strict: isStrict = null }) => ({
        name,
        description,
        schema,
        isStrict,
      }),
    ),
    toolChoice: choiceType === 'tool' ? { name: at(choice, 'name') } : choiceType,
    isParallel: isAlone === null ? null : isAlone !== true,
    outputCap: body['max_tokens'] ?? null,
    temperature: body['temperature'] ?? null,
    topP: body['top_p'] ?? null,
    stop: body['stop_sequences'] ?? null,
    schema: at(body['output_config'], 'format', 'schema') ?? at(body['output_format'], 'schema'),
    effort: at(body['output_config'], 'effort'),
    isStream: body['stream'] === true,
  }
}

export function factsOfResponses(body: JsonObject): BodyFacts {
  const { input, instructions } = body
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : objects(input)
  const ofType = (type: string) => items.filter((item) => item['type'] === type)
  const by = (...roles: readonly string[]) => items.filter(({ role }: JsonObject) => roles.includes(String(role)))
  const choice = body['tool_choice']
  return {
    system: textOf(instructions) + texts(by('system', 'developer')),
    user: texts(by('user')),
    assistant: texts(by('assistant')),
    toolCalls: ofType('function_call').map((item) => ({
      id: item['call_id'] ?? null,
      name: item['name'] ?? null,
      input: parsed(item['arguments'] ?? null),
    })),
    toolResults: ofType('function_call_output').map((item) => ({
      id: item['call_id'] ?? null,
      text: textOf(item['output']),
    })),
    tools: objects(body['tools']).map(
      ({ name = null, description = null, parameters: schema = null, strict: isStrict = null }) => ({
        name,
        description,
        schema,
        isStrict,
      }),
    ),
    toolChoice: isJsonObject(choice)
      ? { name: choice['name'] ?? null }
      : choice === 'required'
        ? 'any'
        : (choice ?? null),
    isParallel: body['parallel_tool_calls'] ?? null,
    outputCap: body['max_output_tokens'] ?? null,
    temperature: body['temperature'] ?? null,
    topP: body['top_p'] ?? null,
    stop: null,
    schema: at(body['text'], 'format', 'schema'),
    effort: at(body['reasoning'], 'effort'),
    isStream: body['stream'] === true,
  }
}

/** Of Gemini's, in the spelling of its documentation: of cases nobody wrote the other. */
export function factsOfGenerate(body: JsonObject): BodyFacts {
  const contents = objects(body['contents'])
  const partsOf = (role: string) =>
    contents.filter((content) => (content['role'] ?? 'user') === role).flatMap(({ parts }) => objects(parts))
  const config = body['generationConfig']
  const choice = at(body['toolConfig'], 'functionCallingConfig')
  const allowed = at(choice, 'allowedFunctionNames')
  const mode = at(choice, 'mode')
  return {
    system: partTexts(objects(at(body['systemInstruction'], 'parts'))),
    user: partTexts(partsOf('user')),
    assistant: partTexts(partsOf('model')),
    toolCalls: partsOf('model').flatMap(({ functionCall: call }) =>
      isJsonObject(call) ? [{ id: call['id'] ?? null, name: call['name'] ?? null, input: call['args'] ?? {} }] : [],
    ),
    toolResults: partsOf('user').flatMap(({ functionResponse: result }) =>
      isJsonObject(result) ? [{ id: result['id'] ?? null, text: outputText(result['response']) }] : [],
    ),
    tools: objects(body['tools'])
      .flatMap(({ functionDeclarations }) => objects(functionDeclarations))
      .map(({ name = null, description = null, parametersJsonSchema: schema = null }) => ({
        name,
        description,
        schema,
        isStrict: null,
      })),
    toolChoice: Array.isArray(allowed) ? { name: allowed[0] } : typeof mode === 'string' ? mode.toLowerCase() : null,
    isParallel: null,
    outputCap: at(config, 'maxOutputTokens'),
    temperature: at(config, 'temperature'),
    topP: at(config, 'topP'),
    stop: at(config, 'stopSequences'),
    schema: at(config, 'responseJsonSchema'),
    effort: wordOf(at(config, 'thinkingConfig', 'thinkingLevel')),
    isStream: body['stream'] === true,
  }
}

/** Of Converse: each block is an object with one member. */
export function factsOfConverse(body: JsonObject): BodyFacts {
  const messages = objects(body['messages'])
  const blocksOf = (role: string) =>
    messages.filter((message) => message['role'] === role).flatMap(({ content }) => objects(content))
  const choice = at(body['toolConfig'], 'toolChoice')
  const schema = at(body['outputConfig'], 'textFormat', 'structure', 'jsonSchema', 'schema')
  const strict = objects(at(body['toolConfig'], 'tools'))
  return {
    system: plainTexts(objects(body['system'])),
    user: plainTexts(blocksOf('user')),
    assistant: plainTexts(blocksOf('assistant')),
    toolCalls: blocksOf('assistant').flatMap(({ toolUse: call }) =>
      isJsonObject(call)
        ? [{ id: call['toolUseId'] ?? null, name: call['name'] ?? null, input: call['input'] ?? null }]
        : [],
    ),
    toolResults: blocksOf('user').flatMap(({ toolResult: result }) =>
      isJsonObject(result)
        ? [{ id: result['toolUseId'] ?? null, text: objects(result['content']).map(valueText).join('') }]
        : [],
    ),
    tools: strict.flatMap(({ toolSpec: spec }) =>
      isJsonObject(spec)
        ? [
            {
              name: at(spec, 'name'),
              description: at(spec, 'description'),
              schema: at(spec, 'inputSchema', 'json'),
              isStrict: at(spec, 'strict'),
            },
          ]
        : [],
    ),
    toolChoice: isJsonObject(choice)
      ? isJsonObject(choice['tool'])
        ? { name: at(choice, 'tool', 'name') }
        : (Object.keys(choice)[0] ?? null)
      : null,
    isParallel: null,
    outputCap: at(body['inferenceConfig'], 'maxTokens'),
    temperature: at(body['inferenceConfig'], 'temperature'),
    topP: at(body['inferenceConfig'], 'topP'),
    stop: at(body['inferenceConfig'], 'stopSequences'),
    schema: typeof schema === 'string' ? parsed(schema) : null,
    effort: at(body['outputConfig'], 'effort'),
    isStream: body['stream'] === true,
  }
}

/** Documents stand beside the messages: their texts are the user's words. */
export function factsOfCohere(body: JsonObject): BodyFacts {
  const messages = objects(body['messages'])
  const by = (role: string) => messages.filter((message) => message['role'] === role)
  const choice = body['tool_choice']
  return {
    system: texts(by('system')),
    user: texts(by('user')),
    assistant: by('assistant')
      .map(({ content, tool_plan: plan }) => textOf(content) + (typeof plan === 'string' ? plan : ''))
      .join(''),
    toolCalls: by('assistant')
      .flatMap((message) => objects(message['tool_calls']))
      .map((call) => ({
        id: call['id'] ?? null,
        name: at(call, 'function', 'name'),
        input: parsed(at(call, 'function', 'arguments')),
      })),
    toolResults: by('tool').map((message) => ({
      id: message['tool_call_id'] ?? null,
      text: textOf(message['content']),
    })),
    tools: objects(body['tools']).map(({ function: said }) => ({
      name: at(said, 'name'),
      description: at(said, 'description'),
      schema: at(said, 'parameters'),
      isStrict: body['strict_tools'] ?? null,
    })),
    toolChoice: choice === 'REQUIRED' ? 'any' : choice === 'NONE' ? 'none' : null,
    isParallel: null,
    outputCap: body['max_tokens'] ?? null,
    temperature: body['temperature'] ?? null,
    topP: body['p'] ?? null,
    stop: body['stop_sequences'] ?? null,
    schema: at(body['response_format'], 'json_schema'),
    effort: null,
    isStream: body['stream'] === true,
  }
}

function plainTexts(list: readonly JsonObject[]): string {
  return list.map(({ text }) => (typeof text === 'string' ? text : '')).join('')
}

function valueText({ text, json }: JsonObject): string {
  return typeof text === 'string' ? text : JSON.stringify(json ?? null)
}

function partTexts(parts: readonly JsonObject[]): string {
  return parts.map(({ text, thought }) => (typeof text === 'string' && thought !== true ? text : '')).join('')
}

function outputText(response: Json | undefined): string {
  const said = at(response, 'output') ?? response
  return typeof said === 'string' ? said : JSON.stringify(said)
}

function wordOf(level: Json): Json {
  return typeof level === 'string' ? level.toLowerCase() : level
}

function texts(messages: readonly JsonObject[]): string {
  return messages.map(({ content }) => textOf(content)).join('')
}

function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content
  return blocks(content)
    .map(({ type, text }) => (isTextType(type) && typeof text === 'string' ? text : ''))
    .join('')
}

/** Responses says who reads or wrote it. */
function isTextType(type: Json | undefined): boolean {
  return type === 'text' || type === 'input_text' || type === 'output_text'
}

function blocks(content: Json | undefined): readonly JsonObject[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : objects(content)
}

function objects(list: Json | undefined): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter((one) => isJsonObject(one)) : []
}

function at(value: Json | undefined, ...path: readonly string[]): Json {
  return path.reduce<Json | undefined>((found, key) => (isJsonObject(found) ? found[key] : undefined), value) ?? null
}

function parsed(text: Json): Json {
  const value: Json = typeof text === 'string' && text !== '' ? JSON.parse(text) : {}
  return value
}
