// Refuses a definition that takes secrets where the store has no key (invariant 10). Asked before a run begins
// (runtime/start/starter.ts), is taken up (take-up.ts) or is forked (fork.ts).
import type { AnyDefinition } from '../../define/plan.ts'
import { takesSecret } from '../../define/takes-secret.ts'
import { noKey, type Secrets } from '../../journal/secrets.ts'

/**
 * Refuses a definition that takes secrets where the store keeps none.
 *
 * @throws DefinitionError with code `no_key`, saying where; with code `bad_secret` where what is secret is no text.
 */
export function refuseUnkept(definition: AnyDefinition, secrets: Secrets): void {
  const place = takesSecret(definition)
  if (place !== undefined && !secrets.kept) throw noKey(place)
}
