import { expect, it } from 'vitest'
import { guardrailsSettings } from '../settings.ts'
import { askSettings, openGuardKind } from './guard-kinds.ts'

const azure = { url: 'https://my-safety.cognitiveservices.azure.com', key: 'env:KEY' }
const armor = { provider: 'vertex', project: 'my-project', location: 'europe-west4', template: 'strict' }
const lakera = { kind: 'lakera', key: 'env:KEY' }
const moderation = { kind: 'openai-moderation', key: 'env:KEY' }

it.each([
  [{ kind: 'http', url: 'https://guard.example/v1' }, 'https://guard.example'],
  [{ kind: 'presidio', url: 'http://presidio:5002', language: 'en' }, 'http://presidio:5002'],
  [moderation, 'https://api.openai.com'],
  [{ ...moderation, url: 'https://eu.api.openai.com/v1' }, 'https://eu.api.openai.com'],
  [{ kind: 'bedrock-guardrail', provider: 'bedrock', guardrail: 'gr4ab', version: 'DRAFT' }, 'https://bedrock.example'],
  [{ kind: 'azure-content-safety', ...azure }, azure.url],
  [{ kind: 'azure-prompt-shields', ...azure }, azure.url],
  [{ kind: 'model-armor', ...armor }, 'https://modelarmor.europe-west4.rep.googleapis.com'],
  [lakera, 'https://api.lakera.ai'],
])('%j is asked at %s, and nowhere else', (settings, origin) => {
  const opened = openGuardKind(askSettings.parse(settings), undefined, () => 'https://bedrock.example/vpc')
  expect(opened?.origin).toBe(origin)
  const calls = opened?.adapter.word({
    phase: 'input',
    texts: [{ path: 'input', place: 'user', text: 'One.', isJsonText: false }],
  })
  expect(calls?.map(({ url }) => new URL(url).origin)).toEqual([origin])
})

it('a guardrail of Bedrock is asked nowhere without a provider of Bedrock', () => {
  const settings = askSettings.parse({ kind: 'bedrock-guardrail', provider: 'none', guardrail: 'gr4ab', version: '1' })
  expect(openGuardKind(settings, undefined, () => undefined)).toBeUndefined()
})

it.each([
  ['redact from a service that tells no places', { ask: moderation, action: 'redact' }, 'does not say where'],
  [
    'mask from a service that tells no places',
    { ask: { kind: 'azure-prompt-shields', ...azure }, action: 'mask' },
    'does not say where',
  ],
  ['a threshold for a service that tells no scores', { ask: lakera, threshold: 0.5 }, 'tells no scores'],
  ['Azure without who we are', { ask: { kind: 'azure-prompt-shields', url: azure.url } }, 'needs `key` or `provider`'],
  [
    'Azure with who we are twice',
    { ask: { kind: 'azure-content-safety', ...azure, provider: 'azure' } },
    'and not both',
  ],
  ['a severity that there is not', { ask: { kind: 'azure-content-safety', ...azure, severity: 8 } }, '<=7'],
  ['a category that there is not', { ask: { ...moderation, categories: ['hate', 'spam'] } }, 'Invalid option'],
  ['a key that is no reference', { ask: { ...lakera, key: 'lak-123' } }, 'secrets are never written into the config'],
  ['a path of ours', { ask: { kind: 'model-armor', ...armor, template: 'a/../b' } }, 'may hold letters'],
  [
    'an ARN of something else',
    { ask: { kind: 'bedrock-guardrail', provider: 'b', guardrail: 'arn:aws:s3:::b', version: '1' } },
    'ARN of a guardrail',
  ],
])('a rule cannot have %s', (_what, rule, problem) => {
  const read = guardrailsSettings.safeParse({
    it: { deadlineMs: 100, onTimeout: 'block', phases: ['input'], action: 'block', ...rule },
  })
  expect(read.error?.message).toContain(problem)
})
