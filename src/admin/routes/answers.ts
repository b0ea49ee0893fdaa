import type { z } from '@hono/zod-openapi'
import { problemBody } from '../contract/error.ts'

/** Pieces of route descriptions, so that each route's own says only what is special to it. */

export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } }
}

export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } }
}

export function optionalJsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: false, content: { 'application/json': { schema } } }
}

const problem = (description: string) => json(problemBody, description)

/** What any guarded route can answer. */
export const problems = {
  400: problem('The path, query or body is not as described: `invalid_request`.'),
  401: problem('The admin key is missing or wrong: `unauthenticated`.'),
  500: problem('A mistake of the gateway, with an id to quote: `internal`.'),
}

/** What any route that changes something can answer beside those. */
export const changeProblems = {
  ...problems,
  409: problem('Something that is there already stands against it: `conflict`.'),
  413: problem('The body is larger than 1 MiB: `request_too_large`.'),
  415: problem('The body is not plain JSON: `unsupported_media_type`.'),
  503: problem('Nothing was changed, unless the message says so: `store_unavailable`, `overloaded`.'),
}

export const notFound = { 404: problem('There is no such thing: `not_found`.') }
export const unavailable = { 503: problem('The store cannot answer: `store_unavailable`.') }
