import type { AnyWorkflow } from '../../define/any-workflow.ts'
import { badArgument, checkKind, checkOptions } from '../../define/argument.ts'
import { checkTexts } from '../../define/names.ts'
import type { Engine } from '../../engine/engine.ts'
import { checkRunId } from '../setup/checks.ts'
import type { checkedWhose, Whose } from '../setup/whose.ts'
import { queueing, type QueueingOptions } from '../start/queueing.ts'
import type { Absent } from './messenger.ts'

/** What `send` may be told of a run that is not there. */
export interface AbsentOptions {
  readonly create?: QueueingOptions &
    Whose & {
      readonly workflow: AnyWorkflow
      readonly input: unknown
      readonly tags?: readonly string[]
    }
  readonly early?: boolean
}

/**
 * What is done with a signal for a run that is not there, where `send` was told.
 *
 * @param whoseOf says whose a run is that begins.
 * @throws DefinitionError when what it was told cannot be meant.
 */
export function absentOf(
  { engine: { clock } }: { readonly engine: Pick<Engine, 'clock'> },
  id: string,
  { create, early }: AbsentOptions,
  whoseOf: (what: string, given: Whose) => ReturnType<typeof checkedWhose>,
): Absent | undefined {
  if (create !== undefined && early)
    throw badArgument('runtime.send was given early', early, 'Give it early or create.')
  if (create === undefined && !early) return undefined
  checkRunId(id)
  if (create === undefined) return { kind: 'early' }
  const expected = 'Give it { workflow, input }, and what enqueue takes.'
  checkOptions('runtime.send was given create', create, expected)
  const { workflow, input, tags = [], ...how } = create
  checkKind('runtime.send was given create.workflow', workflow, ['workflow'], expected)
  checkTexts('A run', 'tags', tags)
  const queued = { ...queueing('send', how, clock.now()), ...whoseOf('runtime.send', create) }
  const start = { id, definition: workflow, input, context: undefined, tags, ...queued }
  return { kind: 'create', start }
}

/**
 * Refuses what is no part of a transaction of the program's.
 *
 * @throws DefinitionError with code `bad_argument`.
 */
export function refuseAbsent({ create, early }: AbsentOptions): void {
  const given = create === undefined ? early : create
  if (create === undefined && !early) return
  const expected = 'In a transaction, begin the run by enqueue and then send to it.'
  throw badArgument(`runtime.send was given tx and ${create === undefined ? 'early' : 'create'}`, given, expected)
}
