import type { Schema } from '../contracts/schema.ts'
import { validate } from '../schema/decode.ts'
import { findMisfit, isSame, shapeOf } from '../schema/shape.ts'
import { DefinitionError } from '../values/errors.ts'
import type { Plan } from './plan.ts'

/**
 * Checks that the context of a plan's runs can be the context of an agent that they call as a tool.
 *
 * @throws DefinitionError with code `bad_context` where no value can be both.
 */
export function checkChildContext(plan: Plan, tool: string, child: Plan): void {
  for (const schema of child.contexts) {
    if (isSame(plan.contexts, schema)) continue
    const why = whyNot(plan.contexts, schema)
    if (why === undefined) continue
    const [caller, called] = [plan, child].map(({ ref }) => `${ref.kind} "${ref.name}"`)
    throw new DefinitionError({
      code: 'bad_context',
      message: `Tool "${tool}" of ${caller} calls ${called} with the context of ${caller}, ${why} Give both the same schema object, and the context is passed on as it is; or give ${called} a schema that takes what the other gives.`,
      details: { tool, name: child.ref.name },
    })
  }
}

function whyNot(given: readonly Schema[], schema: Schema): string | undefined {
  if (given.length === 0)
    return validate(schema, undefined).ok ? undefined : 'which has none, and the one that is called needs one.'
  const gives = given.map((other) => shapeOf(other).gives).filter((one) => one !== undefined)
  const { takes } = shapeOf(schema)
  const misfit = takes && gives.length === given.length ? findMisfit(gives, takes) : undefined
  return misfit && `which does not fit at ${misfit.path.slice(1) || 'its root'}: ${misfit.why}.`
}
