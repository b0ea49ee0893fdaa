import { readOpenFile, readPrivateFile, type PrivateFile } from './private-file.ts'

/** Where everything is found that a config names and does not hold: secrets, certificates, prices. */
export interface ConfigSources {
  /** The folder of the config file, where relative paths begin. */
  readonly baseDir: string
  /** Of the environment; `undefined`: it is not set. */
  variable(name: string): string | undefined
  /** A secret, which only its owner may be able to read. @param path absolute. */
  privateFile(path: string, sizeLimitBytes: number): PrivateFile
  /** What anybody may know. @param path absolute. */
  openFile(path: string, sizeLimitBytes: number): PrivateFile
}

/** What was looked for and found, or not. Plain data, and full of secrets: it goes to no log. */
export interface FoundSources {
  readonly baseDir: string
  readonly variables: ReadonlyMap<string, string | undefined>
  /** By path and limit. */
  readonly privateFiles: ReadonlyMap<string, PrivateFile>
  readonly openFiles: ReadonlyMap<string, PrivateFile>
}

/** The environment, and the disk as it is at each question. */
export function sourcesOnDisk(env: Readonly<Record<string, string | undefined>>, baseDir: string): ConfigSources {
  return {
    baseDir,
    variable: (name) => (Object.hasOwn(env, name) ? env[name] : undefined),
    privateFile: readPrivateFile,
    openFile: readOpenFile,
  }
}

/** Keeps what `sources` answers, and that something was not found too. No file is read twice. */
export function keepFound(sources: ConfigSources): { readonly sources: ConfigSources; readonly found: FoundSources } {
  const { baseDir } = sources
  const variables = new Map<string, string | undefined>()
  const privateFiles = new Map<string, PrivateFile>()
  const openFiles = new Map<string, PrivateFile>()
  return {
    found: { baseDir, variables, privateFiles, openFiles },
    sources: {
      baseDir,
      variable: (name) => once(variables, name, () => sources.variable(name)),
      privateFile: (path, limit) => once(privateFiles, questionOf(path, limit), () => sources.privateFile(path, limit)),
      openFile: (path, limit) => once(openFiles, questionOf(path, limit), () => sources.openFile(path, limit)),
    },
  }
}

/** Answers what was found before, by whichever process, and reads nothing: who compiles the same config from it comes to the same. */
export function sourcesFound({ baseDir, variables, privateFiles, openFiles }: FoundSources): ConfigSources {
  return {
    baseDir,
    variable: (name) => variables.get(name),
    privateFile: (path, limit) => privateFiles.get(questionOf(path, limit)) ?? neverRead(path),
    openFile: (path, limit) => openFiles.get(questionOf(path, limit)) ?? neverRead(path),
  }
}

function once<Answer>(kept: Map<string, Answer>, question: string, ask: () => Answer): Answer {
  const known = kept.get(question)
  if (known !== undefined) return known
  const answer = ask()
  kept.set(question, answer)
  return answer
}

function questionOf(path: string, sizeLimitBytes: number): string {
  return `${sizeLimitBytes} ${path}`
}

function neverRead(path: string): PrivateFile {
  return { ok: false, cause: 'refused', reason: `the file ${path} was not read with this config; reload it` }
}
