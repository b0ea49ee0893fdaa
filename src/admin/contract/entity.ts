import { z } from '@hono/zod-openapi'
import { limits, managedBy, modelPatterns, moment, name, requiredTags } from './field.ts'
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
}

export const newOrganisation = z.strictObject(newEntity).openapi('NewOrganisation')
/** Teams, users and agents belong to an organisation. */
export const newMember = z.strictObject({ ...newEntity, organisation: owner.organisation }).openapi('NewMember')
export const newProject = z.strictObject({ ...newEntity, ...owner }).openapi('NewProject')

export const entityEdit = z
  .strictObject({
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
  })
  .refine((asked) => Object.values(asked).some((one) => one !== undefined), 'give models, require or limits')
  .openapi('EntityEdit')

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
