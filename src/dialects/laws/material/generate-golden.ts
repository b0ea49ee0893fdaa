import type { Json, JsonObject } from '../../../canonical/json.ts'
import type { GoldenCase } from '../material.ts'

/** Our own cases in Gemini's `generateContent`, named by the behaviour they show. Shapes: discovery document, revision 20260717. */
export const generateGolden: readonly GoldenCase[] = [
  {
    name: 'plain-text',
    call: call([user(text('Grüße, 世界 😀'))]),
    answer: answer([text('Hello.')]),
    stream: stream([[text('Hel')], [text('lo.')], [text('')]]),
  },
  {
    name: 'system-instruction',
    call: call([user(text('Why?'))], {
      systemInstruction: { role: 'user', parts: [text('Be brief.'), text('Be kind.')] },
    }),
  },
  {
    name: 'both-spellings',
    call: call([user({ inline_data: { mime_type: 'image/png', data: 'iVBORw0KGgo=' } }, text('What?'))], {
      system_instruction: { parts: [text('Be brief.')] },
      generation_config: { max_output_tokens: 100, top_p: 0.5, thinking_config: { thinking_budget: 128 } },
      tools: [
        { function_declarations: [{ name: 'f', description: 'Does it.', parameters_json_schema: { type: 'object' } }] },
      ],
    }),
  },
  { name: 'one-content-and-no-list', call: call({ parts: [text('Hi')] }) },
  {
    name: 'turns-of-one-role',
    call: call([user(text('And')), user(text('again.')), model(text('Once'))]),
  },
  {
    name: 'pictures-sounds-and-documents',
    call: call([
      user(
        { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
        { inlineData: { mimeType: 'audio/wav', data: 'UklGRg==' } },
        { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0xLjQK' } },
        { fileData: { mimeType: 'image/webp', fileUri: 'https://example.com/cat.webp' } },
        { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/f1' } },
        { fileData: { mimeType: 'video/mp4', fileUri: 'gs://bucket/film.mp4' }, videoMetadata: { startOffset: '1s' } },
        text('Compare.'),
      ),
    ]),
  },
  {
    name: 'parallel-calls-without-ids',
    call: call(
      [
        user(text('Weather in Bonn and Ulm?')),
        model(text('I look.'), functionCall('weather', { city: 'Bonn' }), functionCall('weather', { city: 'Ulm' })),
        user(functionResponse('weather', { output: '12 degrees' }), functionResponse('weather', { degrees: 13 })),
      ],
      { tools: [weather()] },
    ),
    answer: answer([text('I look.'), functionCall('weather', { city: 'Bonn' }), functionCall('time', {})]),
    stream: stream([
      [text('I look.')],
      [functionCall('weather', { city: 'Bonn' }), functionCall('time', {})],
      [text('')],
    ]),
  },
  {
    name: 'calls-with-ids-and-signatures',
    call: call(
      [
        user(text('Weather?')),
        model({ ...functionCall('weather', { city: 'Bonn' }, 'c1'), thoughtSignature: 'c2ln' }),
        user(functionResponse('weather', { output: '12 degrees' }, 'c1')),
        model({ text: 'Twelve.', thoughtSignature: 'c2lnMg==' }),
        user(text('Thanks.')),
      ],
      { tools: [weather()] },
    ),
    answer: answer([{ ...functionCall('weather', { city: 'Bonn' }, 'c1'), thoughtSignature: 'c2ln' }]),
    stream: stream([[{ ...functionCall('weather', { city: 'Bonn' }, 'c1'), thoughtSignature: 'c2ln' }]]),
  },
  {
    name: 'results-of-failures-and-with-pictures',
    call: call(
      [
        user(text('Look.')),
        model(functionCall('see', {}, 'c1'), functionCall('read', {}, 'c2'), functionCall('list', {}, 'c3')),
        user(
          {
            functionResponse: {
              id: 'c1',
              name: 'see',
              response: { output: 'a cat' },
              parts: [{ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }],
            },
          },
          functionResponse('read', { error: 'it broke' }, 'c2'),
          functionResponse('list', { output: { files: ['a', 'b'] } }, 'c3'),
        ),
      ],
      { tools: [{ functionDeclarations: [{ name: 'see' }, { name: 'read' }, { name: 'list' }] }] },
    ),
  },
  {
    name: 'tools-in-googles-own-schema',
    call: call([user(text('Set it.'))], {
      tools: [
        {
          functionDeclarations: [
            {
              name: 'set',
              description: 'Sets it.',
              parameters: {
                type: 'OBJECT',
                properties: {
                  level: { type: 'INTEGER', nullable: true },
                  names: { type: 'ARRAY', minItems: '1', items: { type: 'STRING' } },
                },
                required: ['level'],
                propertyOrdering: ['level', 'names'],
              },
            },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['set'] } },
    }),
  },
  {
    name: 'any-tool-of-several',
    call: call([user(text('Do.'))], {
      tools: [weather(), { functionDeclarations: [{ name: 'time', description: 'Tells it.' }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather', 'time'] } },
    }),
  },
  {
    name: 'no-tool',
    call: call([user(text('Talk.'))], {
      tools: [weather()],
      toolConfig: { functionCallingConfig: { mode: 'NONE' } },
    }),
  },
  {
    name: 'tools-of-google',
    call: call(
      [
        user(text('Search.')),
        model(
          { executableCode: { language: 'PYTHON', code: 'print(1)' } },
          { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
        ),
        user(text('And?')),
      ],
      {
        tools: [{ googleSearch: {} }, { codeExecution: {} }, { functionDeclarations: [{ name: 'f' }], urlContext: {} }],
        toolConfig: { includeServerSideToolInvocations: true },
      },
    ),
    answer: {
      ...answer([
        { executableCode: { language: 'PYTHON', code: 'print(1)' } },
        { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
        text('One.'),
      ]),
      usageMetadata: { ...usage(), toolUsePromptTokenCount: 20, totalTokenCount: 55 },
    },
    stream: stream([
      [{ executableCode: { language: 'PYTHON', code: 'print(1)' } }],
      [{ codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } }],
      [text('One.')],
    ]),
  },
  {
    name: 'thoughts',
    call: call([user(text('Think.')), model({ text: 'Hm.', thought: true }, text('Yes.')), user(text('Sure?'))], {
      generationConfig: { thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' } },
    }),
    answer: answer(
      [
        { text: 'Hm.', thought: true },
        { text: 'Yes.', thoughtSignature: 'c2ln' },
      ],
      {
        usageMetadata: { ...usage(), thoughtsTokenCount: 7, totalTokenCount: 42 },
      },
    ),
    stream: stream([
      [{ text: 'H', thought: true }],
      [{ text: 'm.', thought: true }],
      [text('Yes.')],
      [{ text: '', thoughtSignature: 'c2ln' }],
    ]),
  },
  {
    name: 'thinking-off-and-dynamic',
    call: call([user(text('Quick.'))], { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }),
  },
  {
    name: 'dynamic-thinking',
    call: call([user(text('Think as you like.'))], {
      generationConfig: { thinkingConfig: { thinkingBudget: -1, includeThoughts: false } },
    }),
  },
  {
    name: 'every-wish',
    call: call([user(text('Say.'))], {
      generationConfig: {
        candidateCount: 2,
        maxOutputTokens: 256,
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        seed: 7,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        stopSequences: ['END'],
        responseLogprobs: true,
        logprobs: 3,
        responseModalities: ['TEXT'],
      },
      serviceTier: 'flex',
      labels: { team: 'a' },
    }),
    answer: {
      ...answer([text('One.')]),
      candidates: [candidate([text('One.')], 'STOP', 0), candidate([text('Two.')], 'MAX_TOKENS', 1)],
    },
  },
  {
    name: 'json-by-schema',
    call: call([user(text('Fill in.'))], {
      generationConfig: {
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
      },
    }),
  },
  {
    name: 'json-by-googles-own-schema',
    call: call([user(text('Fill in.'))], {
      generationConfig: {
        responseMimeType: 'application/json',
        responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING', enum: ['x', 'y'] } } },
      },
    }),
  },
  {
    name: 'json-without-a-schema',
    call: call([user(text('Fill in.'))], { generationConfig: { responseMimeType: 'application/json' } }),
  },
  {
    name: 'what-only-google-knows',
    call: call([user(text('Hi'))], {
      safetySettings: [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_NONE' }],
      cachedContent: 'cachedContents/c1',
      generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW' },
    }),
    answer: {
      ...answer([text('Hello.')]),
      candidates: [
        {
          ...candidate([text('Hello.')], 'STOP', 0),
          avgLogprobs: -0.1,
          safetyRatings: [{ category: 'HARM_CATEGORY_HATE_SPEECH', probability: 'LOW' }],
          groundingMetadata: { webSearchQueries: ['hello'] },
        },
      ],
      createTime: '2026-05-04T20:01:02.264968Z',
    },
  },
  {
    name: 'cut-by-length',
    answer: answer([text('Once upon')], {}, 'MAX_TOKENS'),
    stream: stream([[text('Once')], [text(' upon')]], 'MAX_TOKENS'),
  },
  {
    name: 'blocked-for-safety',
    answer: {
      candidates: [{ content: {}, finishReason: 'SAFETY', index: 0 }],
      usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 },
      modelVersion: 'gemini-2.5-flash',
      responseId: 'r1',
    },
    stream: stream([[text('Well')], []], 'PROHIBITED_CONTENT'),
  },
  {
    name: 'filtered-by-rule-and-by-language',
    answer: answer([text('Well')], {}, 'ESCALATION'),
    stream: stream([[text('Well')], []], 'LANGUAGE'),
  },
  {
    name: 'blocked-prompt',
    answer: {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 },
      modelVersion: 'gemini-2.5-flash',
      responseId: 'r1',
    },
  },
  {
    name: 'a-picture',
    answer: answer([text('Here.'), { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }], {
      usageMetadata: {
        ...usage(),
        candidatesTokensDetails: [
          { modality: 'TEXT', tokenCount: 5 },
          { modality: 'IMAGE', tokenCount: 20 },
        ],
      },
    }),
  },
  {
    name: 'every-count',
    answer: answer([text('Hi.')], {
      usageMetadata: {
        promptTokenCount: 100,
        cachedContentTokenCount: 40,
        candidatesTokenCount: 25,
        thoughtsTokenCount: 10,
        toolUsePromptTokenCount: 5,
        totalTokenCount: 140,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 60 },
          { modality: 'AUDIO', tokenCount: 40 },
        ],
        cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 40 }],
      },
    }),
  },
  {
    name: 'arguments-leaf-by-leaf',
    stream: stream([
      [{ functionCall: { name: 'read', willContinue: true }, thoughtSignature: 'c2ln' }],
      [
        {
          functionCall: {
            partialArgs: [{ jsonPath: '$.id', stringValue: 'A', willContinue: true }],
            willContinue: true,
          },
        },
      ],
      [{ functionCall: { partialArgs: [{ jsonPath: '$.id', stringValue: 'B' }], willContinue: true } }],
      [{ functionCall: {} }],
      [text('')],
    ]),
  },
]

function call(contents: Json, more: JsonObject = {}): JsonObject {
  return { model: 'gemini-2.5-flash', contents, ...more }
}

function user(...parts: readonly JsonObject[]): JsonObject {
  return { role: 'user', parts }
}

function model(...parts: readonly JsonObject[]): JsonObject {
  return { role: 'model', parts }
}

function text(words: string): JsonObject {
  return { text: words }
}

function functionCall(name: string, args: JsonObject, id?: string): JsonObject {
  return { functionCall: { ...(id !== undefined && { id }), name, args } }
}

function functionResponse(name: string, response: JsonObject, id?: string): JsonObject {
  return { functionResponse: { ...(id !== undefined && { id }), name, response } }
}

function weather(): JsonObject {
  return {
    functionDeclarations: [
      {
        name: 'weather',
        description: 'Tells the weather.',
        parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    ],
  }
}

function usage(): JsonObject {
  return { promptTokenCount: 10, candidatesTokenCount: 25, totalTokenCount: 35 }
}

function candidate(parts: readonly JsonObject[], finishReason: string, index: number): JsonObject {
  return { content: { role: 'model', parts }, finishReason, index }
}

function answer(parts: readonly JsonObject[], more: JsonObject = {}, finishReason = 'STOP'): JsonObject {
  return {
    candidates: [candidate(parts, finishReason, 0)],
    usageMetadata: usage(),
    modelVersion: 'gemini-2.5-flash',
    responseId: 'r1',
    ...more,
  }
}

/** A chunk for each list of parts, with CRLF as Google ends its lines; the last one says why it ended. */
function stream(chunks: readonly (readonly JsonObject[])[], finishReason = 'STOP'): string {
  return chunks
    .map((parts, place) => {
      const isLast = place === chunks.length - 1
      const chunk = {
        candidates: [{ content: { role: 'model', parts }, ...(isLast && { finishReason }), index: 0 }],
        usageMetadata: isLast ? usage() : { promptTokenCount: 10, totalTokenCount: 10 },
        modelVersion: 'gemini-2.5-flash',
        responseId: 'r1',
      }
      return `data: ${JSON.stringify(chunk)}\r\n\r\n`
    })
    .join('')
}
