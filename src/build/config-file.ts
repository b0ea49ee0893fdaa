import { readFileSync } from 'node:fs'
import { loadConfig, type LoadedConfig } from '../config/load.ts'
import { describeProblems } from '../config/problem.ts'
import { configSettings, type Config } from './settings.ts'

/** A config whose every key is as it should be. What the keys name may still be missing: `compile` tells. */
export type Loaded = Extract<LoadedConfig<Config>, { ok: true }>

/** The config cannot be used. The message is for the person who wrote it: every problem with its line and column. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused'
}

/** @throws ConfigRefused when the file cannot be read, or is not a valid config. */
export function readConfigFile(path: string): Loaded {
  return readConfigText(textOf(path), path)
}

/** The same of a text that is here already. */
export function readConfigText(text: string, path: string): Loaded {
  const loaded = loadConfig(text, path, configSettings)
  if (!loaded.ok) throw new ConfigRefused(describeProblems(loaded.problems))
  return loaded
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new ConfigRefused(`${path}:1:1  cannot read the config: ${readProblems.get(code) ?? code}`, { cause })
  }
}

const readProblems: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file; name one with --config or WEIR_CONFIG'],
  ['EISDIR', 'it is a folder; name the file in it'],
  ['EACCES', 'this user may not read it'],
])
