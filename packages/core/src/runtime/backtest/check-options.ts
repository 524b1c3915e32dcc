import { anyIndex, type Places } from '../../agent/compare/places.ts'
import { badArgument, checkEach, checkHas, checkOptions as checkObject } from '../../define/argument.ts'
import { checkCount, checkText } from '../../define/names.ts'
import { DefinitionError } from '../../values/errors.ts'
import type { Ignored } from './compare-run.ts'
import type { BacktestOptions } from './options.ts'

/** The most runs at a time. */
const MOST_AT_A_TIME = 1_000

/**
 * Checks what a program without types may give.
 *
 * @throws DefinitionError with code `bad_argument`, `bad_text` or `bad_number`, or `no_candidate` where nothing is tried.
 */
export function checkOptions(options: BacktestOptions): void {
  const what = 'runtime.backtest was given'
  checkObject(`${what} options`, options, 'Give it { model }, { settings } or { definitions }, and more.')
  const { model, settings, definitions, concurrency, budget, judge, results, onRun, ignore = [] } = options
  if (model === undefined && settings === undefined && definitions === undefined)
    throw new DefinitionError({
      code: 'no_candidate',
      message: `${what} nothing to try. Give it a model, as { model: 'gpt-6-luna' }, settings, or definitions ('today' for those of the runtime).`,
    })
  if (model !== undefined) checkText('runtime.backtest', 'model', model)
  if (settings !== undefined)
    checkObject(`${what} settings`, settings, 'Give it { temperature, topP, reasoningEffort }.')
  if (definitions !== undefined && definitions !== 'today')
    checkEach(`${what} definitions`, definitions, ['agent', 'team', 'workflow'], `Give it a list, or 'today'.`)
  if (concurrency !== undefined) checkCount('runtime.backtest', 'concurrency', concurrency)
  if ((concurrency ?? 1) > MOST_AT_A_TIME)
    throw new DefinitionError({
      code: 'bad_number',
      message: `runtime.backtest has concurrency ${String(concurrency)}. It must be 1 to ${MOST_AT_A_TIME}.`,
    })
  if (budget !== undefined) checkBudget(budget.usd)
  checkUnrecorded(options.unrecorded)
  if (judge !== undefined && typeof judge !== 'function')
    throw badArgument(`${what} judge`, judge, 'Give it a function.')
  if (onRun !== undefined && typeof onRun !== 'function')
    throw badArgument(`${what} onRun`, onRun, 'Give it a function.')
  if (results !== undefined)
    for (const member of ['load', 'save']) checkHas(`${what} results`, results, member, 'Give it { load, save }.')
  if (!Array.isArray(ignore)) throw badArgument(`${what} ignore`, ignore, IGNORE)
  for (const place of ignore)
    if (!PLACE.test(String(place)) || anyIndex(String(place)) !== place)
      throw badArgument(`${what} ignore`, place, IGNORE)
}

function checkBudget(usd: unknown): void {
  if (typeof usd === 'number' && usd > 0 && Number.isFinite(usd)) return
  throw new DefinitionError({
    code: 'bad_number',
    message: `runtime.backtest was given budget.usd ${String(usd)}. It must be a number of dollars above 0.`,
  })
}

function checkUnrecorded(unrecorded: unknown): void {
  if (unrecorded === undefined || unrecorded === 'stop' || unrecorded === 'read-live') return
  const expected = `Give it 'stop', 'read-live' or { simulate: (call) => result }.`
  checkHas('runtime.backtest was given unrecorded', unrecorded, 'simulate', expected)
}

const IGNORE =
  "Give it places as ['refund.reason', 'output.items[].note']: a tool or `output`, and a path, in which [] stands for every index."

/** A tool, or `output`, and a path within it. */
const PLACE = /^([\w-]+)(?:\.(.+)|(\[.+))$/

/** The answer among the tools whose places are to be ignored. */
const ANSWER = 'output'

/** Reads the places that count for nothing. */
export function ignoredOf(places: readonly string[] = []): Ignored {
  const byTool = new Map<string, Set<string>>()
  for (const place of places) {
    const [, tool = '', path, list] = PLACE.exec(place) ?? []
    byTool.set(tool, (byTool.get(tool) ?? new Set()).add(path ?? list ?? ''))
  }
  return { ofTool: (tool) => byTool.get(tool) ?? NOWHERE, ofAnswer: byTool.get(ANSWER) ?? NOWHERE }
}

const NOWHERE: Places = new Set()
