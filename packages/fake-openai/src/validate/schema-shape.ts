/**
 * Tells where something that should be a JSON Schema is none, strict or not.
 *
 * @returns the complaint in the words of the platform's validator, or undefined where all is well.
 */
export function shapeComplaint(schema: unknown): string | undefined {
  if (typeof schema === 'boolean') return undefined
  if (!isObject(schema)) return `${python(schema)} is not of type 'object', 'boolean'.`
  for (const [keyword, complaint] of Object.entries(keywords)) {
    const found = schema[keyword] === undefined ? undefined : complaint(schema[keyword])
    if (found !== undefined) return found
  }
  return undefined
}

type Complaint = (value: unknown) => string | undefined

const types = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']

const keywords: Readonly<Record<string, Complaint>> = {
  type: (value) => {
    const all = Array.isArray(value) ? (value as readonly unknown[]) : [value]
    if (all.length > 0 && all.every((name) => types.includes(name as string))) return undefined
    return `${python(value)} is not valid under any of the given schemas.`
  },
  title: isText,
  description: isText,
  $ref: isText,
  required: (value) => list(value, isText),
  enum: (value) => list(value, () => undefined),
  properties: ofSchemas,
  patternProperties: ofSchemas,
  $defs: ofSchemas,
  definitions: ofSchemas,
  items: shapeComplaint,
  additionalProperties: shapeComplaint,
  not: shapeComplaint,
  anyOf: (value) => list(value, shapeComplaint),
  oneOf: (value) => list(value, shapeComplaint),
  allOf: (value) => list(value, shapeComplaint),
}

function isText(value: unknown): string | undefined {
  return typeof value === 'string' ? undefined : `${python(value)} is not of type 'string'.`
}

function list(value: unknown, inside: Complaint): string | undefined {
  if (!Array.isArray(value)) return `${python(value)} is not of type 'array'.`
  return first(value, inside)
}

function ofSchemas(value: unknown): string | undefined {
  return isObject(value) ? first(Object.values(value), shapeComplaint) : `${python(value)} is not of type 'object'.`
}

function first(values: readonly unknown[], complaint: Complaint): string | undefined {
  for (const value of values) {
    const found = complaint(value)
    if (found !== undefined) return found
  }
  return undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as the platform's validator prints it. */
function python(value: unknown): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`
  if (!isObject(value)) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, inner]) => `'${name}': ${python(inner)}`)
    .join(', ')}}`
}
