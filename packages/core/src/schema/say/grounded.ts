import type { JsonSchema } from '../../contracts/schema.ts'

/** Tells whether references and alternatives end in a schema that says something, somewhere. */
export function isGrounded(
  json: JsonSchema,
  follow: (ref: string) => JsonSchema | undefined,
  seen = new Set<string>(),
): boolean {
  if (json.anyOf) return json.anyOf.some((branch) => isGrounded(branch, follow, seen))
  const { $ref } = json
  if ($ref === undefined) return true
  if (seen.has($ref)) return false
  seen.add($ref)
  return isGrounded(follow($ref) ?? {}, follow, seen)
}
