import { badArgument, checkOptions } from '../define/argument.ts'
import type { AnyDefinition } from '../define/plan.ts'
import type { Author } from '../contracts/audit.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Parts } from './assemble.ts'
import { checkSessionId } from './setup/checks.ts'
import type { Whose } from './setup/whose.ts'
import { whoseIn } from './tenant.ts'
import { erase } from './upkeep.ts'
import { Session } from './conversations/session.ts'

/** As `runtime.session` takes it, without its types. */
interface Given extends Whose {
  readonly agent?: AnyDefinition | undefined
  readonly team?: AnyDefinition | undefined
  readonly context?: unknown
}

/** Gives a session. See `Runtime.session`. */
export function openSession<Output>(parts: Parts, id: string, options: Given): Session<Output> {
  parts.driver.checkOpen()
  checkSessionId(id)
  const expected = 'Give it { agent } or { team }, with { context, tenant, user } where there are any.'
  checkOptions('runtime.session was given options', options, expected)
  const { agent, team, context } = options
  const definition = agent ?? team
  if (!definition || !['agent', 'team'].includes(definition.kind))
    throw badArgument('runtime.session was given agent or team', definition, expected)
  parts.definitions.check(definition)
  const host = { ...parts, erase: (row: RunRow, by: Author) => erase(parts.engine, row, by) }
  return new Session(host, { id, definition, context, ...whoseIn(parts, 'runtime.session', options) })
}
