import { compile } from '../schema/compile.ts'
import type { AnyAgent } from './agent.ts'
import type { OutputGiven } from './given.ts'
import { checkKind, checkOptions } from './argument.ts'
import { checkName } from './names.ts'
import { oneText, ownTool } from './own-tool.ts'
import type { AnyTeam } from './team.ts'
import { checkBound, type Needs, type StartedWith, type Tool } from './tool.ts'

/** What `agentTool` takes beside its agent. */
export interface AgentToolOptions<Name extends string> {
  /** 1 to 64 letters, digits, `_` or `-`. */
  readonly name: Name
  /** What the model reads: what the agent can be asked for, and what it gives back. */
  readonly description: string
  /** The most tokens of an answer that the calling model is told, as `defineTool` has it. */
  readonly maxResultTokens?: number
}

/**
 * What its caller's context must be: what the definition's schema gives, where that is the caller's schema too, or what it
 * takes. A definition without a context is given none.
 */
type ContextNeed<D> =
  D extends Needs<infer Context, never>
    ? [Context] extends [undefined]
      ? unknown
      : Context | (D extends StartedWith<infer Start> ? Start : never)
    : unknown
type ServiceNeed<D> = D extends Needs<never, infer Services> ? Services : unknown

/**
 * Makes a tool of an agent or a team: a call is a child run with a journal of its own, which is given the text that the
 * calling model writes. Its definition must be one of the runtime's.
 *
 * A definition that has a context is given the calling run's: as it is, where both have the same schema object; else it is
 * what the definition's schema takes. `createRuntime` refuses a tool whose caller's context cannot be that; where a value
 * turns out not to be, the call's run is interrupted, and its model is told nothing.
 *
 * @example
 * ```ts
 * import { agentTool, createRuntime, defineAgent } from '@reprise/core'
 * import { openai } from '@reprise/openai'
 * import { sqlite } from '@reprise/store'
 *
 * const model = 'gpt-4.1-mini'
 * const researcher = defineAgent({ name: 'researcher', model, instructions: 'Find out what is asked, with sources.' })
 * const research = agentTool(researcher, { name: 'research', description: 'Finds out what is asked, with sources.' })
 * const writer = defineAgent({ name: 'writer', model, instructions: 'Write a page.', tools: [research] })
 * const definitions = [writer, researcher]
 * await using runtime = createRuntime({ store: sqlite('desk.db'), models: openai(), definitions })
 * ```
 */
export function agentTool<const Name extends string, D extends AnyAgent | AnyTeam>(
  definition: D,
  options: AgentToolOptions<Name>,
): Tool<Name, { readonly task: string }, OutputGiven<D>, ContextNeed<D>, ServiceNeed<D>> {
  const makes = 'Give it what defineAgent or defineTeam gave, and { name, description }.'
  checkKind('agentTool was given definition', definition, ['agent', 'team'], makes)
  checkOptions('agentTool was given options', options, makes)
  const { name, description, maxResultTokens } = options
  checkName('A tool', name)
  checkBound(`Tool "${name}"`, maxResultTokens)
  const input = compile(TASK, `Tool "${name}": input`)
  // Its child run has an id that follows from the call: running it again is taking it up again.
  return ownTool({ name, description, effect: 'idempotent', input, maxResultTokens, child: definition })
}

/** The input of every such tool. */
const TASK = oneText('task', 'What is to be done, with all that is needed for it.')
