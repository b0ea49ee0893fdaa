import { listedEmbeddings } from '../shared/one-answer/listed-embeddings.ts'

/**
 * OpenAI's own words, and those that providers of the same path add (Voyage, Cohere, OpenRouter): they are heard, and only told
 * to whoever said them or has them published.
 */
export const embeddings = listedEmbeddings({
  dialect: 'openai-embeddings',
  keys: {
    dimensions: { published: 'dimensions', heard: ['dimensions', 'output_dimension'] },
    encoding: { published: 'encoding_format', heard: ['encoding_format'] },
    numberType: { published: undefined, heard: ['output_dtype'] },
    purpose: { published: undefined, heard: ['input_type'] },
    truncation: { published: undefined, heard: ['truncation'] },
    endUser: { published: 'user', heard: ['user'] },
  },
  encodings: ['float', 'base64'],
  takesTokenNumbers: true,
})
