import { badArgument, checkKind, checkOptions, isObject } from '../../define/argument.ts'
import { checkCount, checkText, checkTexts, checkWhole } from '../../define/names.ts'
import type { AnyDefinition } from '../../define/plan.ts'
import { checkJson } from '../../engine/begin/accept-context.ts'
import { accept } from '../../engine/begin/begin.ts'
import { refuseUnkept } from '../../engine/begin/refuse-unkept.ts'
import type { Engine } from '../../engine/engine.ts'
import { DefinitionError } from '../../values/errors.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import type { Definitions } from '../setup/definitions.ts'
import { checkedWhose } from '../setup/whose.ts'
import { keepSchedule, storedSchedule } from './kept.ts'
import type { Moments } from './moments.ts'
import type { CatchUp, Declared, Overlap, Schedule } from './schedule.ts'
import { decodeSchedule, inputAt } from './schedule.ts'

/** What a schedule is declared with, before it is checked. */
export interface Declaration {
  readonly cron: string
  readonly timeZone?: string
  readonly definition: AnyDefinition
  readonly input: unknown
  readonly context?: unknown
  readonly momentAs?: string
  readonly catchUp?: CatchUp
  readonly overlap?: Overlap
  readonly version?: number
  readonly tags?: readonly string[]
  readonly priority?: number
  readonly tenant?: string
  readonly user?: string
}

const WHAT = 'runtime.schedule'
const NAME = /^[!-~]{1,100}$/
const CATCH_UPS: readonly CatchUp[] = ['none', 'last', 'all']
const OVERLAPS: readonly Overlap[] = ['skip', 'queue', 'cancel']

/** Declares a schedule. See `Runtime.schedule`. */
export async function declareSchedule(
  engine: Engine,
  definitions: Definitions,
  name: string,
  given: Declaration,
): Promise<Schedule> {
  const declared = check(engine, definitions, name, given)
  const { badCron, momentsOf } = await import('./moments.ts')
  const moments = momentsOf(WHAT, declared.cron, declared.timeZone)
  for (;;) {
    const stored = await storedSchedule(engine.store, name)
    const before = stored && decodeSchedule(stored)
    // Several processes declare it as they start, of which some may be of an older deploy.
    if (before && (before.version > declared.version || isSame(before, declared))) return before
    const schedule = changed(name, before, declared, moments, engine.clock.now())
    if (schedule.nextAt === null) throw badCron(WHAT, declared.cron, 'it never comes')
    if (await keepSchedule(engine, schedule, stored?.etag ?? null)) return schedule
  }
}

function isSame(before: Schedule, declared: Declared): boolean {
  // What stands there now and not in a declaration is how it stands.
  const { name: _, paused: __, nextAt: ___, waiting: ____, last: _____, skipped: ______, ...was } = before
  return sortedJson(was) === sortedJson({ ...declared })
}

/** A new pattern counts from now on; how the schedule stands stays. */
function changed(
  name: string,
  before: Schedule | undefined,
  declared: Declared,
  moments: Moments,
  now: number,
): Schedule {
  const same = before?.cron === declared.cron && before.timeZone === declared.timeZone
  const { paused = false, waiting = [], last = null, skipped = [] } = before ?? {}
  const nextAt = same ? before.nextAt : moments.next(Math.max(now, last?.at ?? now))
  return { ...declared, name, paused, waiting, last, skipped, nextAt }
}

function check(engine: Engine, definitions: Definitions, name: string, given: Declaration): Declared {
  checkName(name)
  checkOptions(`${WHAT} was given options`, given, 'Give it { cron, timeZone, definition, input }.')
  const { definition, timeZone = 'UTC', catchUp = 'last', overlap = 'skip', version = 1 } = given
  const { tags = [], priority = 0 } = given
  checkKind(`${WHAT} was given definition`, definition, ['agent', 'team', 'workflow'], 'Give it one of the runtime.')
  definitions.check(definition)
  checkOneOf('catchUp', catchUp, CATCH_UPS)
  checkOneOf('overlap', overlap, OVERLAPS)
  checkCount(`The schedule "${name}"`, 'version', version)
  checkTexts(WHAT, 'tags', tags)
  checkWhole(`The schedule "${name}"`, 'priority', priority)
  const { tenant, user } = checkedWhose(WHAT, given)
  const { kind, name: of } = definition
  const rest = { version, cron: given.cron, timeZone, catchUp, overlap, tags: [...tags], priority, tenant, user }
  return { ...rest, definition: { kind, name: of }, ...checkInput(engine, name, given) }
}

/** What its runs are given is held to the schemas of today. */
function checkInput(
  engine: Engine,
  name: string,
  { definition, input, context, momentAs }: Declaration,
): Pick<Declared, 'input' | 'context' | 'momentAs'> {
  const what = `The input of the schedule "${name}"`
  if (momentAs !== undefined && (definition.kind !== 'workflow' || !isObject(input) || Array.isArray(input)))
    throw badArgument(
      `${WHAT} was given momentAs`,
      momentAs,
      'It names a member of the input of a workflow that takes an object. Leave it out for any other.',
    )
  if (momentAs !== undefined) checkText(WHAT, 'momentAs', momentAs)
  const kept = {
    input: checkJson(input, 'bad_input', what),
    ...(context !== undefined && {
      context: checkJson(context, 'bad_context', `The context of the schedule "${name}"`),
    }),
    ...(momentAs !== undefined && { momentAs }),
  }
  refuseUnkept(definition, engine.secretsOf(`schedule ${name}`))
  const { secrets } = accept(definition, inputAt(kept, engine.clock.now()), kept.context)
  if (secrets.length === 0) return kept
  throw new DefinitionError({
    code: 'secret_in_schedule',
    message: `${what}, or its context, holds a secret, which a schedule does not keep. Give it what a tool or a step finds the secret by.`,
    details: { schedule: name },
  })
}

function checkName(name: unknown): void {
  if (typeof name === 'string' && NAME.test(name)) return
  throw new DefinitionError({
    code: 'bad_schedule_name',
    message: `A schedule cannot have the name ${JSON.stringify(name) ?? String(name)}. Use 1 to 100 printable characters of ASCII without spaces.`,
    details: { name: String(name) },
  })
}

function checkOneOf(field: string, value: string, values: readonly string[]): void {
  if (values.includes(value)) return
  throw badArgument(`${WHAT} was given ${field}`, value, `Give it ${values.map((one) => `'${one}'`).join(', ')}.`)
}
