import { expect, it } from 'vitest'
import { banner } from './banner.ts'

const shown = {
  dataOrigin: 'http://127.0.0.1:8080',
  adminOrigin: 'http://127.0.0.1:8081',
  dataDir: '/data',
  providersOff: new Map<string, string>(),
  warnings: [],
  guardsFailingOpen: [],
  newAdminKey: undefined,
  firstKey: 'weir_k',
}

it.each([
  [['openai/*', 'smart'], 'smart'],
  [['openai/*'], 'openai/<name>'],
  [[], '<name>'],
])('the first calls ask for a model of the config: %j, %s', (models, model) => {
  const text = banner({ ...shown, models })
  expect([...text.matchAll(/"?model"?: ["'](.+?)["']/g)].map(([, name]) => name)).toEqual([model, model])
})
