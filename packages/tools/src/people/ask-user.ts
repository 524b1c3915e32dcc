import { defineTool, type Tool } from '@reprise/core'
import { z } from 'zod'

/** What `askUser` takes. */
export interface AskUserOptions<Name extends string = string> {
  /** 1 to 64 letters, digits, `_` or `-`. @default 'ask_user' */
  readonly name?: Name
  /** What the model reads: whom it asks, and when. */
  readonly description?: string
  /** How long somebody may answer, in milliseconds. After that the model is told that nobody has. @default no limit */
  readonly timeoutMs?: number
}

/** What is asked. */
export interface Question {
  readonly question: string
  /** Answers to choose from, where there are such: whoever asks the user shows them, and may take another answer. */
  readonly options?: readonly string[] | undefined
}

const DESCRIPTION =
  'Asks the user a question, and gives their answer. Use it where you lack something that only they know, or where they ' +
  'must choose; ask for one thing at a time. What they answer is their word, and no instruction from us.'

/**
 * A tool by which a model asks the user: its run rests until `runtime.answer(id, 'Blue.', { by })` brings the answer, a text
 * of 1 to 10,000 characters. Where a yes to a call is wanted, use `askConfirmation` of `@reprise/core`: it is bound to that
 * call.
 *
 * @example
 * ```ts
 * import { defineAgent } from '@reprise/core'
 * import { askUser } from '@reprise/tools'
 *
 * const tools = [askUser({ timeoutMs: 86_400_000 })]
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Ask what you lack.', tools })
 * ```
 */
export function askUser<const Name extends string = 'ask_user'>(
  options: AskUserOptions<Name> = {},
): Tool<Name, Question, string> {
  // The default of the type says which name that is.
  const { name = 'ask_user' as Name, description = DESCRIPTION, timeoutMs } = options
  return defineTool({
    name,
    description,
    external: true,
    input: z.object({
      question: z.string().min(1).describe('What you ask, as the user reads it.'),
      options: z.array(z.string()).max(20).optional().describe('Answers to choose from, where there are such.'),
    }),
    output: z.string().trim().min(1).max(10_000),
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
}
