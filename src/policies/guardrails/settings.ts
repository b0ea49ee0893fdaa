import { z } from 'zod'
import { guardActions, guardPhases, textPlaces, type TextPlace } from '../../canonical/guardrail.ts'
import { families, kindsByFamily } from './catalog.ts'
import { languages } from './detect/language.ts'
import { askedRuleProblems, askedRuleSettings } from './external/asked-rule-settings.ts'
import { markablePlaces } from './mark-untrusted.ts'

const kinds = Object.values(kindsByFamily).flat()
const findable = [...new Set([...families, ...kinds])]

/** What others than the operator, or the model itself, wrote. */
const markable: ReadonlySet<TextPlace> = new Set(markablePlaces)

const pattern = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'may hold up to 63 small letters, digits and dashes')
    .describe('What it finds, for placeholders and records.'),
  pattern: z
    .string()
    .min(1)
    .max(2_000)
    .describe(
      'A regular expression in the syntax of RE2: no looking around and no references back, so that it takes linear time.',
    ),
  longest: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .describe('The longest text that it matches. So much of a stream is held back.'),
  ignoreCase: z.boolean().describe('Whether large and small letters are the same. Default false.').default(false),
})

const hosts = z.array(z.string().min(1).max(260)).min(1).max(1_000)
const urls = z
  .strictObject({
    allow: hosts
      .describe(
        'The only hosts that URLs may name: `example.com`, `*.example.com` (what lies below it), `example.com:8443`.',
      )
      .optional(),
    deny: hosts.describe('Hosts that no URL may name, also where `allow` has them.').optional(),
  })
  .refine(({ allow, deny }) => allow !== undefined || deny !== undefined, 'must name hosts in `allow` or `deny`')
  .describe('URLs of other hosts are found, as kind `url`, in texts and in the values that name pictures and files.')
  .optional()

const count = (what: string) => z.number().int().min(0).max(1_000_000_000).describe(what).optional()
const largest = z
  .strictObject({
    characters: count('Of all texts together that the rule looks at.'),
    bytes: count('Of the body.'),
    messages: count('How many messages.'),
    pictures: count('How many pictures, also those named by a URL.'),
    documents: count('How many documents.'),
  })
  .refine((most) => Object.values(most).some((one) => one !== undefined), 'must limit something')
  .describe('The most that a call may hold. More is found as kind `size`.')
  .optional()

const fileTypes = z
  .array(
    z
      .string()
      .regex(
        /^[a-z]+\/(?:\*|[a-z0-9][a-z0-9.+-]{0,126})$/i,
        'must be a media type, such as application/pdf or image/*',
      ),
  )
  .min(1)
  .max(200)
  .describe(
    'The only types of files that a call may bring: by what it says of them, and by how they begin. Others are found as kind `file-type`.',
  )
  .optional()

const guardrail = z
  .strictObject({
    find: z.array(z.enum(findable)).describe('What to look for: a family, or single kinds.').default([]),
    except: z.array(z.enum(kinds)).describe('Kinds of these families that are not looked for.').default([]),
    terms: z
      .array(z.string().min(2).max(200))
      .max(2_000)
      .describe('Words and phrases of your own. Large and small letters are the same, and a space is any space.')
      .default([]),
    patterns: z.array(pattern).max(100).describe('Regular expressions of your own.').default([]),
    ...askedRuleSettings,
    languages: z
      .array(z.enum(languages))
      .min(1)
      .describe(
        'The only languages that a text may be in, as ISO 639-1 writes them. Others are found as kind `language`.',
      )
      .optional(),
    urls,
    largest,
    fileTypes,
    phases: z
      .array(z.enum(guardPhases))
      .min(1)
      .describe('`input`, `output`. Default: both.')
      .default([...guardPhases]),
    in: z
      .array(z.enum(textPlaces))
      .min(1)
      .describe(
        'In which texts. Default: all; where only injections are looked for, `user`, `tool-result`, `document` and `file-name`; of `mark`, `tool-result` and `document`.',
      )
      .optional(),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .describe(
        'Of the score of an injection, from which a text is taken for one; default: the built-in one. With `ask`: findings of a lower score do not count; default: all do.',
      )
      .optional(),
    action: z
      .enum(guardActions)
      .describe(
        '`block`: refuse, with 403 `guardrail_blocked`. `redact`: put a placeholder in its place. `mask`: one that the answer gets exchanged back. `flag`: only tell. `route`: only to targets with the tag. `mark`: texts of others stand between marks. `monitor`: only tell, and look when the answer has gone.',
      ),
    tag: z.string().describe('For `route`: what a target must carry, such as `self-hosted`.').optional(),
    when: z
      .string()
      .describe('A condition (CEL) over the caller and the call. One that fails counts as met.')
      .optional(),
    shadow: z.boolean().describe('Only say what it would have done. Default false.').default(false),
  })
  .superRefine((rule, context) => {
    for (const { key, message } of askedRuleProblems(rule)) context.addIssue({ code: 'custom', path: [key], message })
    const found = rule.find.length + rule.terms.length + rule.patterns.length
    if (
      rule.action !== 'mark' &&
      (rule.ask ?? rule.languages ?? rule.urls ?? rule.largest ?? rule.fileTypes) === undefined &&
      found === 0
    )
      context.addIssue({
        code: 'custom',
        message:
          'finds nothing: name kinds in `find`, or `terms`, `patterns`, `languages`, `urls`, `largest` or `fileTypes`, or whom to `ask`',
      })
    if (rule.find.includes('injection') && rule.phases.includes('output'))
      context.addIssue({ code: 'custom', path: ['phases'], message: 'must be [input]: `injection` looks at calls' })
    if (rule.languages && rule.phases.includes('output'))
      context.addIssue({ code: 'custom', path: ['phases'], message: 'must be [input]: `languages` looks at calls' })
    if (rule.threshold !== undefined && !rule.ask && !rule.find.includes('injection'))
      context.addIssue({ code: 'custom', path: ['threshold'], message: 'is of `injection`, which is not in `find`' })
    if (judgesCalls(rule) && !rule.phases.includes('input'))
      context.addIssue({
        code: 'custom',
        path: ['phases'],
        message: 'must hold `input`: `largest` and `fileTypes` look at calls',
      })
    if (judgesCalls(rule) && !withoutWriting.has(rule.action))
      context.addIssue({
        code: 'custom',
        path: ['action'],
        message: `must be \`block\`, \`flag\` or \`route\`: what \`largest\` and \`fileTypes\` find is no text that \`${rule.action}\` could write anew`,
      })
    if ((rule.action === 'route') !== (rule.tag !== undefined))
      context.addIssue({
        code: 'custom',
        path: ['tag'],
        message: 'belongs to the action `route`, and it must have one',
      })
    if (rule.action === 'mark' && rule.phases.includes('output'))
      context.addIssue({ code: 'custom', path: ['phases'], message: 'must be [input]: `mark` acts on calls' })
    if (rule.action === 'monitor' && rule.shadow)
      context.addIssue({ code: 'custom', path: ['shadow'], message: 'says nothing of `monitor`, which only tells' })
    if (!rule.phases.includes('input') && rule.in?.every((place) => neverInAnswers.has(place)))
      context.addIssue({
        code: 'custom',
        path: ['in'],
        message: `has no effect: answers hold no texts of ${rule.in.join(' or ')}, and \`phases\` leaves out calls`,
      })
    if (rule.action === 'mark' && rule.in?.some((place) => !markable.has(place)))
      context.addIssue({ code: 'custom', path: ['in'], message: `of \`mark\` may hold ${[...markable].join(', ')}` })
    if ((rule.action === 'route' || rule.action === 'mask') && !rule.phases.includes('input'))
      context.addIssue({
        code: 'custom',
        path: ['phases'],
        message: `must hold \`input\`: \`${rule.action}\` acts on calls`,
      })
  })

/** What only calls hold. */
const neverInAnswers: ReadonlySet<TextPlace> = new Set(['system', 'user', 'tool-definition'])

/** What follows without a text being written anew. */
const withoutWriting: ReadonlySet<string> = new Set(['block', 'flag', 'route'])

function judgesCalls({
  largest: most,
  fileTypes: types,
}: {
  readonly largest?: unknown
  readonly fileTypes?: unknown
}): boolean {
  return most !== undefined || types !== undefined
}

/** The `guardrails:` map of the config, by name. A name stands in errors, headers and records. */
export const guardrailsSettings = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'may hold up to 64 letters, digits, dots, dashes and underscores'),
    guardrail,
  )
  .describe('What texts must not hold, before they leave for a provider and before they reach a client.')

export type GuardrailsSettings = z.infer<typeof guardrailsSettings>

/** The `guardrailBudget:` of the config. */
export const guardrailBudgetSettings = z
  .strictObject({
    inputMs: z
      .int()
      .min(1)
      .max(600_000)
      .describe('Before a call leaves: the longest that it waits for all of them together. Default 10,000.')
      .default(10_000),
    outputMs: z
      .int()
      .min(1)
      .max(600_000)
      .describe(
        'Of an answer: the longest that guards are asked about it, the questions about a stream added up. Default 30,000.',
      )
      .default(30_000),
  })
  .describe('How long guards that judge elsewhere may take in one exchange, whatever their own deadlines allow.')
