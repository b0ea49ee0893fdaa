import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import {
  API,
  type Checker,
  type Symbol as TypeSymbol,
  SymbolFlags,
  type Type,
  TypeFlags,
} from 'typescript/unstable/sync'
import type { Json, JsonObject } from '../../src/canonical/json.ts'

/** Types of the SDK: what the API takes, what it answers, and the data of one frame of a stream. */
export type MessagesType = 'MessageCreateParamsBase' | 'Message' | 'RawMessageStreamEvent'

/**
 * JSON Schemas of Anthropic's Messages API, made from the types of its own SDK: there is no published description of that
 * API, and the SDK's types are generated from one.
 */
export function messagesSchemas(): Readonly<Record<MessagesType, JsonObject>> {
  const packageFile = createRequire(import.meta.url).resolve('@anthropic-ai/sdk')
  const file = join(dirname(packageFile), 'resources/messages/messages.d.ts')
  const api = new API()
  try {
    const snapshot = api.updateSnapshot({ openFiles: [file] })
    const project = snapshot.getDefaultProjectForFile(file)
    const source = project?.program.getSourceFile(file)
    const module = source && project?.checker.getSymbolAtLocation(source)
    const exports = module?.getExports() ?? new Map<string, TypeSymbol>()
    const schemaOf = (name: MessagesType): JsonObject => {
      const symbol = [...exports].find(([exported]) => exported === name)?.[1]
      if (!project || !symbol) throw new Error(`the SDK has no type ${name} any more`)
      return new SchemaWriter(project.checker).schemaOf(symbol)
    }
    const schemas = {
      MessageCreateParamsBase: schemaOf('MessageCreateParamsBase'),
      Message: schemaOf('Message'),
      RawMessageStreamEvent: schemaOf('RawMessageStreamEvent'),
    }
    snapshot.dispose()
    return schemas
  } finally {
    api.close()
  }
}

class SchemaWriter {
  readonly #checker: Checker
  readonly #definitions = new Map<string, JsonObject>()

  constructor(checker: Checker) {
    this.#checker = checker
  }

  schemaOf(symbol: TypeSymbol): JsonObject {
    const root = this.#write(this.#checker.getDeclaredTypeOfSymbol(symbol))
    const definitions = [...this.#definitions].toSorted(([left], [right]) => (left < right ? -1 : 1))
    return { ...root, $defs: Object.fromEntries(definitions) }
  }

  #write(type: Type): JsonObject {
    if (type.isUnionType()) return this.#writeUnion(type.getTypes())
    if (type.isStringLiteralType() || type.isNumberLiteralType() || type.isBooleanLiteralType())
      return { const: type.value }
    if ((type.flags & TypeFlags.String) !== 0) return { type: 'string' }
    if ((type.flags & TypeFlags.Number) !== 0) return { type: 'number' }
    if ((type.flags & TypeFlags.Boolean) !== 0) return { type: 'boolean' }
    if ((type.flags & TypeFlags.Null) !== 0) return { type: 'null' }
    if ((type.flags & (TypeFlags.Unknown | TypeFlags.Any)) !== 0) return {}
    if (this.#checker.isArrayType(type) && type.isTypeReference()) {
      const [item] = this.#checker.getTypeArguments(type)
      return { type: 'array', ...(item && { items: this.#write(item) }) }
    }
    if (type.isObjectType()) return this.#reference(type)
    // `string & {}` is how a union of known names stays open.
    const [first] = type.isIntersectionType() ? type.getTypes() : []
    if (first) return this.#write(first)
    throw new Error(`no schema for the type ${this.#checker.typeToString(type)}`)
  }

  #writeUnion(members: readonly Type[]): JsonObject {
    const told = members.filter((member) => (member.flags & TypeFlags.Undefined) === 0)
    const literals = told.filter((member) => member.isStringLiteralType()).map(({ value }) => value)
    // `true | false` is how the compiler sees a boolean.
    const isBoolean = told.filter((member) => member.isBooleanLiteralType()).length === 2
    const others = told.filter(
      (member) => !member.isStringLiteralType() && !(isBoolean && member.isBooleanLiteralType()),
    )
    const options: readonly JsonObject[] = [
      ...(literals.length > 0 ? [{ enum: literals }] : []),
      ...(isBoolean ? [{ type: 'boolean' }] : []),
      ...others.map((member) => this.#write(member)),
    ]
    const [only] = options
    return options.length === 1 && only ? only : { anyOf: options }
  }

  /** Named types are told once; the others are told where they stand. */
  #reference(type: Type): JsonObject {
    const name = type.getSymbol()?.name ?? '__type'
    if (name === '__type') return this.#writeObject(type)
    if (!this.#definitions.has(name)) {
      this.#definitions.set(name, {})
      this.#definitions.set(name, this.#writeObject(type))
    }
    return { $ref: `#/$defs/${name}` }
  }

  #writeObject(type: Type): JsonObject {
    const properties: [string, Json][] = []
    const required: string[] = []
    for (const symbol of this.#checker.getPropertiesOfType(type)) {
      const member = this.#checker.getTypeOfSymbol(symbol)
      if (!member) throw new Error(`no type for the member ${symbol.name}`)
      properties.push([symbol.name, this.#write(member)])
      if ((symbol.flags & SymbolFlags.Optional) === 0) required.push(symbol.name)
    }
    const [index] = this.#checker.getIndexInfosOfType(type)
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      required,
      // The provider refuses a field that it does not know.
      additionalProperties: index ? this.#write(index.valueType) : false,
    }
  }
}
