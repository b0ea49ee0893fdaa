import { expect, it } from 'vitest'
import { maxJsonMembers } from '../../wire/json-scan.ts'
import { readAnthropicBatch } from './anthropic-batch.ts'

const requestOf = (members: number) => ({
  custom_id: 'a',
  params: {
    model: 'wise',
    max_tokens: 5,
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ name: 'f', input_schema: Object.fromEntries(Array.from({ length: members }, (_, at) => [at, 1])) }],
  },
})
const read = (text: string) => readAnthropicBatch(Buffer.from(text))
const readList = (requests: readonly object[]) => read(JSON.stringify({ requests }))

it('a batch may have more members than one body, as each of its requests is a body of its own', async () => {
  const many = maxJsonMembers / 50
  const { inner } = await readList(Array.from({ length: 51 }, () => requestOf(many)))
  expect(inner.at(-1)).toMatchObject({ where: 'requests[50]', call: { modelName: 'wise' } })
  await expect(readList([requestOf(1), requestOf(maxJsonMembers)])).rejects.toThrow(
    'requests[1]: the JSON body has more than',
  )
})

it('others have their turn while a long one is read', async () => {
  let hadTurn = false
  setImmediate(() => (hadTurn = true))
  await readList(Array.from({ length: 300 }, () => requestOf(1)))
  expect(hadTurn).toBe(true)
})

it.each([
  ['no list', '{"requests":{}}', '`requests` must be an array'],
  ['a request that is none', '{"requests":[{"custom_id":"a"}]}', 'requests[0]: `params` must be an object'],
  ['text in between', `{"requests":[${JSON.stringify(requestOf(1))} 1]}`, 'look at element 1'],
  ['where it goes', '{"requests":[],"api_base":"https://elsewhere"}', 'only the gateway'],
  ['the list twice', '{"requests":[],"requests":[]}', 'given more than once'],
])('is refused with %s', async (_, text, message) => {
  await expect(read(text)).rejects.toThrow(message)
})
