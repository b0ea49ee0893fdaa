import { z } from '@hono/zod-openapi'
import { budgets, limits, managedBy, modelPatterns, moment, name, requiredTags, timezone } from './field.ts'
import { pageOf, pageQuery } from './page.ts'

const owner = {
  organisation: name.openapi({ description: 'The organisation it belongs to.', example: 'acme' }),
  team: name.openapi({ description: 'The team it belongs to.', example: 'search' }),
}

const newEntity = {
  name: name.openapi({ description: 'Unique below its owner.', example: 'crawler' }),
  models: modelPatterns.nullable().optional().openapi({
    description: 'Allowed models; absent or `null`: inherits. Every level above a key must allow a model.',
  }),
  require: requiredTags.nullable().optional().openapi({
    description: 'Tags that a target must have; absent or `null`: none of its own. All levels above a call are united.',
  }),
  limits: limits.nullable().optional().openapi({
    description: 'Limits by name; absent or `null`: none of its own. Every level above a call must let it pass.',
  }),
  budgets: budgets.nullable().optional().openapi({
    description: 'Budgets by name; absent or `null`: none of its own. Every level above a call must have room.',
  }),
}

const zone = timezone.nullable().optional()
export const newOrganisation = z.strictObject({ ...newEntity, timezone: zone }).openapi('NewOrganisation')
/** Teams, users and agents belong to an organisation. */
export const newMember = z.strictObject({ ...newEntity, organisation: owner.organisation }).openapi('NewMember')
export const newProject = z.strictObject({ ...newEntity, ...owner }).openapi('NewProject')

const edits = {
  models: modelPatterns
    .nullable()
    .optional()
    .openapi({ description: 'The new list of allowed models; `null`: inherits. Absent: as before.' }),
  require: requiredTags
    .nullable()
    .optional()
    .openapi({ description: 'The new list of required tags; `null`: none of its own. Absent: as before.' }),
  limits: limits
    .nullable()
    .optional()
    .openapi({ description: 'All limits it has from now on; `null`: none. Absent: as before.' }),
  budgets: budgets
    .nullable()
    .optional()
    .openapi({ description: 'All budgets it has from now on; `null`: none. Absent: as before.' }),
}
const saysSomething = (asked: object) => Object.values(asked).some((one) => one !== undefined)

export const entityEdit = z
  .strictObject(edits)
  .refine(saysSomething, 'give models, require, limits or budgets')
  .openapi('EntityEdit')
export const organisationEdit = z
  .strictObject({ ...edits, timezone: zone })
  .refine(saysSomething, 'give models, require, limits, budgets or timezone')
  .openapi('OrganisationEdit')

export const entityBody = z
  .object({
    id: z.string().openapi({ description: 'Kind and owner path.', example: 'team acme/search' }),
    kind: z.enum(['organisation', 'team', 'project', 'user', 'agent']),
    name: z.string(),
    organisation: z.string().nullable(),
    team: z.string().nullable(),
    models: z.array(z.string()).nullable().openapi({ description: 'Allowed models; `null`: inherits.' }),
    require: z.array(z.string()).nullable().openapi({ description: 'Required tags; `null`: none of its own.' }),
    limits: limits.nullable().openapi({ description: 'Limits by name; `null`: none of its own.' }),
    budgets: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'Budgets by name, as they were set up; `null`: none of its own.' }),
    timezone: z.string().nullable().openapi({ description: 'Of organisations; `null`: UTC.' }),
    managedBy,
    createdAt: moment.nullable().openapi({ description: '`null` for what the config file names.' }),
  })
  .openapi('Entity')

export const entityPage = pageOf(entityBody).openapi('EntityPage')

export const organisationPath = z.object({ name })
export const memberPath = z.object({ organisation: name, name })
export const projectPath = z.object({ organisation: name, team: name, name })

export const organisationListQuery = z.strictObject(pageQuery)
export const memberListQuery = z.strictObject({ ...pageQuery, organisation: name.optional() })
export const projectListQuery = z.strictObject({ ...pageQuery, organisation: name.optional(), team: name.optional() })

export type EntityBody = z.infer<typeof entityBody>
export type EntityPage = z.infer<typeof entityPage>
