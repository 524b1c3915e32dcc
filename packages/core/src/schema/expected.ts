import type { JsonSchema } from '../contracts/schema.ts'
import { cut } from '../values/cut.ts'
import { follow } from './raw/follow.ts'

/** The most characters of what would have been right. */
const EXPECTED_LENGTH = 300

/** Says in a few words which shapes a place of a strict schema takes, where it takes several; libraries say little of those. */
export function expectedAt(root: JsonSchema, keys: readonly PropertyKey[]): string | undefined {
  const places = keys.reduce<readonly JsonSchema[]>(
    (found, key) =>
      shapes(
        found.flatMap((json) => inside(json, key) ?? []),
        root,
      ),
    shapes([root], root),
  )
  const distinct = [...new Set(places.flatMap(sketches))]
  if (distinct.filter((one) => one !== 'null').length < 2) return undefined
  return cut(distinct.join(' or '), EXPECTED_LENGTH)
}

/** What schemas may be, references and alternatives followed to their ends, each once and in order. */
function shapes(places: readonly JsonSchema[], root: JsonSchema): readonly JsonSchema[] {
  const seen = new Set<JsonSchema>()
  const visit = (json: JsonSchema): readonly JsonSchema[] => {
    if (seen.has(json)) return []
    seen.add(json)
    if (json.anyOf) return json.anyOf.flatMap(visit)
    // A strict schema's references point into itself.
    return json.$ref === undefined ? [json] : visit(follow(root, json.$ref) as JsonSchema)
  }
  return places.flatMap(visit)
}

/** A record's value is said as the value of a pair. */
function inside(json: JsonSchema, key: PropertyKey): JsonSchema | undefined {
  return typeof key === 'number' ? json.items : (json.properties?.[String(key)] ?? json.items?.properties?.['value'])
}

function sketches(json: JsonSchema): readonly string[] {
  if (json.const !== undefined) return [JSON.stringify(json.const)]
  if (json.enum) return json.enum.map((value) => JSON.stringify(value))
  if (json.properties) {
    const members = Object.entries(json.properties).map(([name, inside]) => member(name, inside))
    return [`{${members.join(', ')}}`]
  }
  return [json.type ?? []].flat()
}

/** Only constants tell shapes apart; of other members the name will do. */
function member(name: string, json: JsonSchema): string {
  return json.const === undefined ? name : `${name}: ${JSON.stringify(json.const)}`
}
