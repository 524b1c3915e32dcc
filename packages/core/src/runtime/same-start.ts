import type { Draft } from '../contracts/entry.ts'
import type { Store } from '../contracts/store.ts'
import { unseal } from '../journal/seal.ts'
import type { Secrets } from '../journal/secrets.ts'
import { cut } from '../words/cut.ts'
import { DefinitionError } from '../words/errors.ts'

/** The most characters of each side that a complaint shows. */
const SHOWN = 80

/**
 * Checks that a run which exists already was started with the same definition, input and context.
 *
 * @throws DefinitionError with code `run_exists`.
 */
export async function checkSameStart(store: Store, runId: string, draft: Draft, secrets: Secrets): Promise<void> {
  await secrets.load()
  const [sealed] = await store.entries(runId)
  const first = sealed && unseal(sealed)
  if (first?.kind !== 'run.started' || draft.kind !== 'run.started') return
  const was = {
    definition: `${first.body.definition.kind} ${first.body.definition.name}`,
    // What was written before a secret was known has it as it is.
    input: secrets.hide(first.body.input),
    context: secrets.hide(first.body.context),
  }
  const is = {
    definition: `${draft.body.definition.kind} ${draft.body.definition.name}`,
    input: secrets.hide(draft.body.input),
    context: secrets.hide(draft.body.context),
  }
  for (const what of ['definition', 'input', 'context'] as const) {
    const [recorded, given] = [JSON.stringify(was[what]), JSON.stringify(is[what])]
    if (recorded === given) continue
    throw new DefinitionError({
      code: 'run_exists',
      message: `The run "${runId}" exists with another ${what}: ${cut(recorded, SHOWN)}, and now ${cut(given, SHOWN)}. Use another id, or the same ${what}.`,
      details: { runId, what },
    })
  }
}
