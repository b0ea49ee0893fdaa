import type { Gateway } from '../build.ts'

type Shown = Pick<
  Gateway,
  | 'dataOrigin'
  | 'adminOrigin'
  | 'dataDir'
  | 'models'
  | 'providersOff'
  | 'guardsFailingOpen'
  | 'warnings'
  | 'newAdminKey'
  | 'firstKey'
>

/** What a person sees at the start. Keys appear here and nowhere else, and only when they were just made. */
export function banner(gateway: Shown): string {
  const lines = [
    '',
    `  Weir is running.`,
    `    clients   ${gateway.dataOrigin}/v1`,
    `    admin     ${gateway.adminOrigin}   (API at /api, metrics at /metrics)`,
    `    data      ${gateway.dataDir}`,
    `    models    ${gateway.models.join(', ')}`,
    ...offLine(gateway.providersOff),
    ...failsLine(gateway.guardsFailingOpen),
    ...gateway.warnings.map((warning) => `    warning   ${warning}`),
  ]
  if (gateway.newAdminKey !== undefined)
    lines.push(
      '',
      '  The admin key, shown this once. Keep it for `weir keys`, `weir usage` and the admin API:',
      '',
      `    export WEIR_ADMIN_KEY=${gateway.newAdminKey}`,
    )
  if (gateway.firstKey !== undefined) lines.push('', ...firstCalls(gateway, gateway.firstKey))
  lines.push('', '')
  return lines.join('\n')
}

function offLine(off: ReadonlyMap<string, string>): readonly string[] {
  if (off.size === 0) return []
  const names = [...off].map(([name, reference]) => `${name} (${reference.replace(/^env:/, '')})`)
  return [`    off       ${names.join(', ')}`]
}

function failsLine(guards: readonly string[]): readonly string[] {
  if (guards.length === 0) return []
  return [
    `    fails     open: guardrail ${guards.join(', ')}, where its guard gives no verdict; closed: every other guardrail, budgets and records`,
  ]
}

function firstCalls({ dataOrigin: origin, models }: Shown, key: string): readonly string[] {
  // A pattern is shown with a gap in it, for want of a name.
  const model = models.find((name) => !name.includes('*')) ?? models[0]?.replace('*', '<name>') ?? '<name>'
  return [
    '  Your first key, shown this once. Try it:',
    '',
    `    curl ${origin}/v1/chat/completions \\`,
    `      -H 'authorization: Bearer ${key}' \\`,
    `      -H 'content-type: application/json' \\`,
    `      -d '{"model": "${model}", "messages": [{"role": "user", "content": "Hello, who are you?"}]}'`,
    '',
    '  or with the OpenAI SDK:',
    '',
    `    import OpenAI from 'openai'`,
    `    const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: '${key}' })`,
    `    const stream = await client.chat.completions.create({`,
    `      model: '${model}', stream: true, messages: [{ role: 'user', content: 'Hello, who are you?' }],`,
    `    })`,
    `    for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta?.content ?? '')`,
  ]
}
