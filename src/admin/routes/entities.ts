import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { readRuleId } from '../../ledger/rule-id.ts'
import type { DirectoryChange, Entity, EntityKind } from '../../stores/ports/directory.ts'
import type { Changes } from '../changes.ts'
import {
  entityBody,
  entityEdit,
  entityPage,
  memberListQuery,
  memberPath,
  newMember,
  newOrganisation,
  newProject,
  organisationEdit,
  organisationListQuery,
  organisationPath,
  projectListQuery,
  projectPath,
  type EntityBody,
} from '../contract/entity.ts'
import { policyAfter, policyChangeDetail, policyDetail, type AskedPolicy } from '../entity-policy.ts'
import { writeMoment } from '../moments.ts'
import { entityIdOf, findEntity, requireEmpty, requireOwners } from '../owners.ts'
import { requireModels } from '../require-models.ts'
import { pageBy } from '../page.ts'
import type { AdminParts, EntityView } from '../ports.ts'
import { AdminProblem } from '../problem.ts'
import { changeProblems, json, jsonBody, notFound, problems } from './answers.ts'
import { emptyBody } from './empty-body.ts'

const member = {
  above: '/{organisation}',
  path: memberPath,
  fresh: newMember,
  changed: entityEdit,
  query: memberListQuery,
} as const

/** The five kinds differ in what stands above them, and in nothing else. */
const resources = {
  organisation: {
    plural: 'organisations',
    above: '',
    path: organisationPath,
    fresh: newOrganisation,
    changed: organisationEdit,
    query: organisationListQuery,
  },
  team: { plural: 'teams', ...member },
  project: {
    plural: 'projects',
    above: '/{organisation}/{team}',
    path: projectPath,
    fresh: newProject,
    changed: entityEdit,
    query: projectListQuery,
  },
  user: { plural: 'users', ...member },
  agent: { plural: 'agents', ...member },
} as const satisfies Record<EntityKind, unknown>

/** List, create, edit and remove, for one kind of entity. */
export function entityRoutes(kind: EntityKind, parts: AdminParts, changes: Changes): OpenAPIHono {
  const { plural, above, path, fresh, changed, query } = resources[kind]
  const collection = `/api/${plural}`
  const one = `${collection}${above}/{name}`
  const titled = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
  const tags = ['Identity']
  const app = new OpenAPIHono()

  const list = createRoute({
    method: 'get',
    path: collection,
    operationId: `list${titled}s`,
    summary: `List ${plural}, of the config file and of this API, by id.`,
    tags,
    request: { query },
    responses: { 200: json(entityPage, 'One page.'), ...problems },
  })
  app.openapi(list, (http) => {
    const asked: Asked = http.req.valid('query')
    const { items, nextAfter } = pageBy(
      parts.identities().entities.filter((entity) => entity.kind === kind && isBelow(entity, asked)),
      ({ id }) => id,
      asked,
    )
    return http.json({ items: items.map(bodyOf), nextAfter }, 200)
  })

  const create = createRoute({
    method: 'post',
    path: collection,
    operationId: `create${titled}`,
    summary: `Create ${article(kind)} ${kind}.`,
    tags,
    request: { body: jsonBody(fresh) },
    responses: { 201: json(entityBody, 'Created.'), ...changeProblems },
  })
  app.openapi(create, async (http) => {
    const { name, organisation, team, ...asked }: Place & AskedPolicy = http.req.valid('json')
    const policy = policyAfter({}, asked)
    const made = await changes.alone(async () => {
      const entity = { kind, name, organisation, team, ...policy, createdAtMs: parts.clock.nowMs() }
      const id = entityIdOf(entity)
      const known = findEntity(parts, id)
      if (known) throw new AdminProblem('conflict', `${id} exists already${inConfig(known)}`)
      requireOwners(parts, entity)
      requireModels(parts, entity)
      await changes.write(
        { kind: 'put-entity', entity, mustBeNew: true },
        { action: `${kind}.create`, target: id, detail: policyDetail(policy) },
      )
      return { ...entity, id, managedBy: 'api' as const }
    })
    return http.json(bodyOf(made), 201)
  })

  const edit = createRoute({
    method: 'patch',
    path: one,
    operationId: `edit${titled}`,
    summary: `Change the allowed models, the required tags, the limits or the budgets of ${article(kind)} ${kind}.`,
    tags,
    request: { params: path, body: jsonBody(changed) },
    responses: { 200: json(entityBody, 'As it is now.'), ...changeProblems, ...notFound },
  })
  app.openapi(edit, async (http) => {
    const place: Place = http.req.valid('param')
    const asked: AskedPolicy = http.req.valid('json')
    const edited = await changes.alone(async () => {
      const before = changeable(parts, kind, place)
      requireModels(parts, asked)
      const { name, organisation, team } = place
      const policy = policyAfter(before, asked)
      const entity = { kind, name, organisation, team, ...policy, createdAtMs: before.createdAtMs }
      const detail = policyChangeDetail(before, asked)
      const change: DirectoryChange = { kind: 'put-entity', entity, mustBeNew: false }
      await changes.write(change, { action: `${kind}.update`, target: before.id, detail })
      return { ...entity, id: before.id, managedBy: 'api' as const }
    })
    return http.json(bodyOf(edited), 200)
  })

  const remove = createRoute({
    method: 'delete',
    path: one,
    operationId: `remove${titled}`,
    summary: `Remove ${article(kind)} ${kind} that nothing belongs to any more.`,
    tags,
    request: { params: path, body: emptyBody },
    responses: { 200: json(entityBody, 'As it was.'), ...changeProblems, ...notFound },
  })
  app.openapi(remove, async (http) => {
    const place: Place = http.req.valid('param')
    const removed = await changes.alone(async () => {
      const entity = changeable(parts, kind, place)
      requireEmpty(parts, entity)
      await changes.write(
        { kind: 'remove-entity', entity: keyOf(entity) },
        { action: `${kind}.remove`, target: entity.id, detail: policyDetail(entity) },
      )
      await endOrderedCaps(parts, changes, entity)
      return entity
    })
    return http.json(bodyOf(removed), 200)
  })

  return app
}

/** Another owner of the same name is not the one that other caps were set for. */
async function endOrderedCaps({ ledger }: AdminParts, changes: Changes, { id }: EntityView): Promise<void> {
  const reason = `${id} was removed`
  for (const ruleId of ledger.orderedRuleIds()) {
    const { budget } = readRuleId(ruleId)
    if (budget.slice(0, budget.lastIndexOf('/')) !== id) continue
    const told = { action: 'budget.cap', target: `budget ${budget}`, detail: { cap: null, reason } }
    await changes.grant({ kind: 'cap', ruleId, cap: undefined }, told, reason)
  }
}

interface Place {
  readonly name: string
  readonly organisation?: string | undefined
  readonly team?: string | undefined
}

interface Asked {
  readonly limit?: number | undefined
  readonly after?: string | undefined
  readonly organisation?: string | undefined
  readonly team?: string | undefined
}

function isBelow(entity: EntityView, asked: Asked): boolean {
  return (
    (asked.organisation === undefined || entity.organisation === asked.organisation) &&
    (asked.team === undefined || entity.team === asked.team)
  )
}

function keyOf({
  kind,
  name,
  organisation,
  team,
}: EntityView): Pick<Entity, 'kind' | 'name' | 'organisation' | 'team'> {
  return { kind, name, organisation, team }
}

function changeable(parts: AdminParts, kind: EntityKind, place: Place): EntityView {
  const id = entityIdOf({ kind, name: place.name, organisation: place.organisation, team: place.team })
  const entity = findEntity(parts, id)
  if (!entity) throw new AdminProblem('not_found', `There is no ${id}.`)
  if (entity.managedBy === 'config')
    throw new AdminProblem('conflict', `${id} is in the config file: change it there and reload.`)
  return entity
}

function bodyOf(entity: EntityView): EntityBody {
  return {
    id: entity.id,
    kind: entity.kind,
    name: entity.name,
    organisation: entity.organisation ?? null,
    team: entity.team ?? null,
    models: listed(entity.models),
    require: listed(entity.require),
    limits: entity.limits ?? null,
    budgets: entity.budgets ?? null,
    timezone: entity.timezone ?? null,
    managedBy: entity.managedBy,
    createdAt: entity.managedBy === 'config' ? null : writeMoment(entity.createdAtMs),
  }
}

function listed(texts: readonly string[] | undefined): string[] | null {
  return texts === undefined ? null : [...texts]
}

function inConfig(entity: EntityView): string {
  return entity.managedBy === 'config' ? ', in the config file.' : '.'
}

function article(kind: EntityKind): string {
  return kind === 'organisation' || kind === 'agent' ? 'an' : 'a'
}
