import { existsSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'

const file = new URL('../../shared/data/openai/openapi.json', import.meta.url)

/** Whether the platform's own description of its API is there to hold things against. */
export const openapiIsThere = existsSync(file)

/** Complains of a value that is not what the platform's description calls by this name; undefined where all is well. */
export function openapiComplaint(name: string, value: unknown): string | undefined {
  const validate = validatorOf(name)
  if (validate(value)) return undefined
  return JSON.stringify(validate.errors?.slice(0, 20), undefined, 1)
}

/** The texts that the description lists anywhere in what it calls by this name. */
export function openapiEnums(name: string): readonly string[] {
  if (!openapiIsThere) return []
  const { components } = JSON.parse(readFileSync(file, 'utf8')) as { readonly components: { readonly schemas: object } }
  const schemas = components.schemas as Readonly<Record<string, unknown>>
  return textsIn(schemas[name])

  function textsIn(node: unknown): string[] {
    if (typeof node !== 'object' || node === null) return []
    const { enum: texts = [], $ref } = node as { readonly enum?: string[]; readonly $ref?: string }
    if ($ref !== undefined) return textsIn(schemas[$ref.split('/').at(-1) ?? ''])
    return [...texts, ...Object.values(node).flatMap((inner) => (inner === texts ? [] : textsIn(inner)))]
  }
}

let ajv: Ajv2020 | undefined

function validatorOf(name: string) {
  if (!ajv) {
    // To make its programs quicker takes longer than to run them.
    const code = { optimize: false }
    ajv = new Ajv2020({ strict: false, validateFormats: false, validateSchema: false, code })
    ajv.addSchema(JSON.parse(readFileSync(file, 'utf8'), (_key, value: unknown) => mended(value)) as object, 'openapi')
  }
  const validate = ajv.getSchema(`openapi#/components/schemas/${name}`)
  if (!validate) throw new Error(`The description has no ${name}.`)
  return validate
}

/**
 * The description has a word of an older standard, which Ajv reads more strictly than it was meant, and says "one of"
 * where one value may well be two of them: a list of parts is two kinds of input item, a message two kinds of message.
 */
function mended(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('oneOf' in value) {
    const { oneOf, ...rest } = value
    return mended({ ...rest, anyOf: oneOf })
  }
  if (!('nullable' in value)) return value
  if ('enum' in value && Array.isArray(value.enum)) return { ...value, enum: [...(value.enum as unknown[]), null] }
  if ('type' in value) return value
  const { nullable: _, ...rest } = value
  return rest
}
