import type { Schema } from '../contracts/schema.ts'
import type { AnyTool } from './tool.ts'
import { defineTool } from './tool.ts'

/** The name of the tool by which a model reads on in a result that was cut. */
export const READ_RESULT = 'read_result'

/** What the model says to read on. */
export interface ReadInput {
  /** The name of the result, as the note where it was cut says it. */
  readonly result: string
  /** The first character, from 0. */
  readonly from: number
  /** At most so many. */
  readonly characters?: number
}

const JSON_SCHEMA = {
  type: 'object',
  properties: {
    result: { type: 'string', description: 'The name of the result, as the note in it says: r1.' },
    from: { type: 'integer', description: 'The first character, from 0.' },
    characters: { type: 'integer', description: 'How many at most; null for as many as may be.' },
  },
  required: ['result', 'from'],
  additionalProperties: false,
}

const INPUT: Schema<unknown, ReadInput> = {
  '~standard': {
    version: 1,
    vendor: 'reprise',
    validate: (value) => {
      const { result, from, characters } = (value ?? {}) as Partial<ReadInput>
      if (typeof result !== 'string') return { issues: [{ message: 'result must be a text', path: ['result'] }] }
      if (!isCount(from)) return { issues: [{ message: 'from must be a whole number from 0 on', path: ['from'] }] }
      if (characters === undefined) return { value: { result, from } }
      if (!isCount(characters) || characters === 0)
        return { issues: [{ message: 'characters must be a whole number from 1 on', path: ['characters'] }] }
      return { value: { result, from, characters } }
    },
    jsonSchema: { input: () => JSON_SCHEMA, output: () => JSON_SCHEMA },
  },
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/**
 * The runtime's own tool, which agents have that have a tool with a `maxResultTokens`. Nothing runs it: what it gives
 * follows from what is recorded.
 */
export const readResult: AnyTool = defineTool({
  name: READ_RESULT,
  description: 'Reads on in the result of an earlier call that was too long to be shown whole. A note in it says so.',
  input: INPUT,
  effect: 'read',
  execute: () => undefined,
})

/** Whether an agent with these tools can be told results in part, by what it says itself. */
export function readsOn(tools: readonly Pick<AnyTool, 'maxResultTokens'>[]): boolean {
  return tools.some(({ maxResultTokens }) => maxResultTokens !== undefined && maxResultTokens !== Infinity)
}
