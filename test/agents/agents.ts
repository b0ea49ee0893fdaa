/** Where an agent is pointed, and where it may keep what it keeps. */
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
      ANTHROPIC_BASE_URL: origin,
      ANTHROPIC_API_KEY: apiKey,
      CLAUDE_CONFIG_DIR: home,
      // Nothing but the calls of models leaves.
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
  }),
}

const codex: HeadlessAgent = {
  name: 'Codex',
  run: ({ origin, apiKey, modelName, home }) => ({
    program: '.bin/codex',
    words: [
      'exec',
      ...['--skip-git-repo-check', '--json', '--model', modelName],
      ...['--config', 'model_provider="weir"'],
      ...[
        '--config',
        `model_providers.weir={name="Weir",base_url="${origin}/v1",env_key="WEIR_KEY",wire_api="responses"}`,
      ],
      question,
    ],
    env: { WEIR_KEY: apiKey, CODEX_HOME: home },
  }),
}

export const agents: readonly HeadlessAgent[] = [claudeCode, codex]
