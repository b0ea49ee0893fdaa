import { describe, expect, it } from 'vitest'
import type { Block, Message } from '../../../canonical/chat.ts'
import { Losses } from '../../../canonical/loss.ts'
import { text, toolResult, toolUse, turns } from '../../laws/foreign-words.ts'
import { toldTogether } from './told-together.ts'

/** Each turn in a line, and the paths of what is named. */
function told(messages: readonly Message[]): readonly [turns: readonly string[], losses: readonly string[]] {
  const losses = new Losses()
  const together = toldTogether(messages, losses)
  return [
    together.map(({ role, blocks }) => `${role}: ${blocks.map(wordOf).join(' ')}`),
    losses.list().map(({ path }) => path),
  ]
}

function wordOf(block: Block): string {
  switch (block.kind) {
    case 'text':
      return JSON.stringify(block.text)
    case 'tool-use':
      return `call ${block.id}`
    case 'tool-result':
      return `result ${block.toolUseId}`
    default:
      return block.kind
  }
}

describe('turns in which calls and their results stand together', () => {
  it('are one for neighbouring turns of the assistant, without its empty texts', () => {
    const messages = turns(
      ['user', text('Hi')],
      ['assistant', text('I look.')],
      ['assistant', toolUse('a', 'f')],
      ['assistant', toolUse('b', 'f'), text('')],
      ['tool', toolResult('a', [])],
      ['tool', toolResult('b', [])],
    )
    expect(told(messages)).toEqual([
      ['user: "Hi"', 'assistant: "I look." call a call b', 'tool: result a', 'tool: result b'],
      [],
    ])
  })

  it('hold back what was said between the results of one turn’s calls, and name what moved', () => {
    const messages = turns(
      ['assistant', toolUse('a', 'f'), toolUse('b', 'f')],
      ['user', toolResult('a', []), text('One.')],
      ['system', text('Be brief.')],
      ['user', toolResult('b', []), text('Two.')],
      ['user', text('Three.')],
    )
    expect(told(messages)).toEqual([
      [
        'assistant: call a call b',
        'user: result a',
        'user: result b',
        'user: "One."',
        'system: "Be brief."',
        'user: "Two."',
        'user: "Three."',
      ],
      ['messages[3].blocks'],
    ])
  })

  it('stay as they are where nothing stands between', () => {
    const messages = turns(
      ['user', text('Hi')],
      ['assistant', toolUse('a', 'f')],
      ['user', toolResult('a', []), text('Go on.')],
      ['assistant', text('Done.')],
      ['user', text('One.')],
      ['user', text('Two.')],
    )
    const together = toldTogether(messages, new Losses())
    expect(together).toHaveLength(messages.length)
    for (const [index, message] of messages.entries()) expect(together[index]).toBe(message)
  })
})
