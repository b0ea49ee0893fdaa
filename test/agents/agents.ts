import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shownBlock } from '../clients-page.ts'

/** Where an agent is pointed, as docs/clients.md says, and where it may keep what it keeps. */
export interface Pointed {
  readonly origin: string
  readonly apiKey: string
  readonly modelName: string
  readonly home: string
}

export interface AgentRun {
  /** Within `node_modules`. */
  readonly program: string
  readonly words: readonly string[]
  /** All that it has of an environment, besides its path and home. */
  readonly env: Readonly<Record<string, string>>
}

export interface HeadlessAgent {
  readonly name: string
  run(pointed: Pointed): AgentRun
}

export const agentPackages = ['@anthropic-ai/claude-code@2.1.332', '@openai/codex@0.171.0'] as const

const question = 'How much water is there?'

const claudeCode: HeadlessAgent = {
  name: 'Claude Code',
  run: ({ origin, apiKey, modelName, home }) => ({
    // The program itself: the script that would put it in its place does not run everywhere.
    program: `@anthropic-ai/claude-code-${process.platform}-${process.arch}/claude`,
    words: ['--print', question, '--model', modelName, '--tools', 'Read', '--output-format', 'json'],
    env: {
      ...exportsIn(shownBlock('sh', 'Claude Code', origin), apiKey),
      CLAUDE_CONFIG_DIR: home,
      // Nothing but the calls of models leaves.
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
  }),
}

const codex: HeadlessAgent = {
  name: 'Codex',
  run: ({ origin, apiKey, modelName, home }) => {
    writeFileSync(join(home, 'config.toml'), shownBlock('toml', 'Codex', origin))
    return {
      program: '.bin/codex',
      words: ['exec', '--skip-git-repo-check', '--json', '--model', modelName, question],
      env: { KEY: apiKey, CODEX_HOME: home },
    }
  },
}

/** What the page has a shell export. */
function exportsIn(text: string, apiKey: string): Readonly<Record<string, string>> {
  const found = [...text.matchAll(/^export (\w+)=(.*)$/gm)]
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value.replace('$KEY', apiKey)]))
}

export const agents: readonly HeadlessAgent[] = [claudeCode, codex]
