import { badArgument, checkOptions } from '../../define/argument.ts'
import { checkTexts } from '../../define/names.ts'
import { checkRunFilter } from '../setup/check-filter.ts'
import { type ReplayFilter, type ReplayOptions, Replays } from './replays.ts'
import type { ReplayParts } from './run-replay.ts'

const MOST_THREADS = 64

/**
 * Replays the runs that fit. See `Runtime.replay`.
 *
 * @throws DefinitionError when the filter or the options are none.
 */
export function replayMany(parts: ReplayParts, filter: ReplayFilter, options: ReplayOptions): Replays {
  checkFilter(filter)
  checkThreads(options)
  return new Replays(parts, filter, options)
}

function checkFilter(filter: ReplayFilter): void {
  checkRunFilter('runtime.replay', filter)
  const { ids, inFlight } = filter
  if (ids !== undefined) checkTexts('runtime.replay', 'ids', ids)
  if (inFlight !== undefined && inFlight !== 'only' && inFlight !== 'always')
    throw badArgument('runtime.replay was given inFlight', inFlight, `Give it 'only' or 'always', or nothing.`)
}

function checkThreads(options: ReplayOptions): void {
  const expected = 'Give it { module, threads }, or nothing.'
  checkOptions('runtime.replay was given options', options, expected)
  const { module, threads } = options
  if (module !== undefined && typeof module !== 'string' && !(module instanceof URL))
    throw badArgument('runtime.replay was given module', module, 'Give it the path or the URL of a file.')
  if (threads === undefined) return
  if (!Number.isSafeInteger(threads) || threads < 0 || threads > MOST_THREADS)
    throw badArgument('runtime.replay was given threads', threads, `Give it a whole number of 0 to ${MOST_THREADS}.`)
  if (threads > 0 && module === undefined)
    throw badArgument(
      'runtime.replay was given threads, and module',
      module,
      'A thread cannot be sent functions: give the file of a module that exports the runtime, or leave threads out.',
    )
}
