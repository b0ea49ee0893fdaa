import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { SetupProblem } from '../config/setup-problem.ts'
import { dataDirOf } from './compile.ts'
import { readConfigText } from './config-file.ts'

it('the data directory is that of the variable, else that of the config; an empty variable is a mistake', () => {
  const config = readConfigText('store: { dir: ./kept }', 'weir.yaml').value
  expect(dataDirOf(config, {})).toBe(resolve('./kept'))
  expect(dataDirOf(config, { WEIR_DATA_DIR: '/elsewhere' })).toBe('/elsewhere')
  expect(() => dataDirOf(config, { WEIR_DATA_DIR: '' })).toThrow(
    new SetupProblem('WEIR_DATA_DIR is set but empty; unset it, or give it a value'),
  )
})
