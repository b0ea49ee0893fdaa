import { upstream } from '../provider.ts'
import type { Stack } from './stack.ts'

/** No gateway: what the generator and the fake provider cost by themselves. */
export const direct: Stack = {
  name: 'direct',
  start: ({ providerPort }) =>
    Promise.resolve({
      port: providerPort,
      pids: [],
      headers: [`authorization: Bearer ${upstream.secret}`],
      modelName: upstream.modelName,
      end: () => Promise.resolve({ problems: [] }),
    }),
}
