import type { Schema } from '../contracts/schema.ts'
import { compile, type CompiledSchema } from '../schema/compile.ts'
import { DefinitionError } from '../values/errors.ts'

/**
 * Compiles the schema of an answer.
 *
 * @throws DefinitionError when a strict schema cannot say it, or it has a secret: an answer is shown as it is.
 */
export function compileOutput(schema: Schema, where: string): CompiledSchema {
  const output = compile(schema, `${where}: output`)
  if (!output.secrets) return output
  throw new DefinitionError({
    code: 'bad_secret',
    message: `${where}: output${output.secrets.first} is a secret, and answers hold none: secrets are for the context of an agent and for the inputs of tools, workflows and signals. Let a tool take it instead.`,
    details: { where, path: output.secrets.first },
  })
}
