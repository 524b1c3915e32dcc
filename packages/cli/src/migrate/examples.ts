import { type BacktestRun, type CallChange, type Effect, type FieldChange, type Json } from '@reprise/core'

/** A run that came out otherwise, with what was recorded beside what the candidate did. */
export interface Example {
  readonly runId: string
  readonly definition: string
  readonly status: BacktestRun['status']
  /** How bad it is, from 0 to 100: what changes the world first. */
  readonly weight: number
  /** Worst first. */
  readonly changes: readonly ExampleChange[]
}

/** One thing that is not the same. */
export interface ExampleChange {
  /** A sentence. */
  readonly what: string
  readonly weight: number
  /** The two sides, as text of one line or more; null where there is nothing on a side. */
  readonly recorded: string | null
  readonly candidate: string | null
  /** How often it is so in the run. */
  readonly times: number
}

/** A thing that is not the same, once. */
type Once = Omit<ExampleChange, 'times'>

/** What tools do to the world, by their names. */
export type Effects = ReadonlyMap<string, Effect>

/** What a difference weighs where the call changes the world, and where it only reads. */
const WEIGHTS = {
  added: [100, 15],
  'left out': [90, 15],
  arguments: [85, 20],
  rules: [60, 60],
  unusable: [60, 20],
  parted: [95, 30],
} as const

/**
 * Makes an example of what an agent did otherwise in a run.
 *
 * @returns undefined where it did nothing otherwise.
 */
export function exampleOf(run: BacktestRun, agent: string, effects: Effects): Example | undefined {
  const isLast = run.candidate.lastAgent === agent
  const changes = gathered([
    ...run.calls.changes
      .filter((change) => change.agent === agent && change !== partedCall(run))
      .map((change) => callChange(change, effects)),
    ...(run.parted?.agent === agent ? [partedChange(run, effects)] : []),
    ...(isLast ? endChanges(run) : []),
    ...wrongs(run, agent),
    ...(isLast && !run.calls.inOrder ? [reordered(run)] : []),
  ]).toSorted((one, other) => other.weight - one.weight)
  const [worst] = changes
  if (!worst) return undefined
  const { kind, name, version } = run.definition
  return {
    runId: run.runId,
    definition: `${kind} ${name} ${version}`,
    status: run.status,
    weight: worst.weight,
    changes,
  }
}

/** A model that does the same again and again is told of once. */
function gathered(changes: readonly Once[]): ExampleChange[] {
  const alike = Map.groupBy(changes, ({ what, recorded, candidate }) => JSON.stringify([what, recorded, candidate]))
  return [...alike.values()].flatMap((all) => (all[0] ? { ...all[0], times: all.length } : []))
}

function weigh(kind: keyof typeof WEIGHTS, tool: string, effects: Effects): number {
  const [changing, reading] = WEIGHTS[kind]
  return effects.get(tool) === 'read' ? reading : changing
}

function callChange(change: CallChange, effects: Effects): Once {
  const { kind, tool } = change
  const weight = weigh(kind, tool, effects)
  switch (kind) {
    case 'added':
      return {
        weight,
        what: `It makes a call of ${tool} that was not made then.`,
        recorded: null,
        candidate: call(tool, change.arguments),
      }
    case 'left out':
      return {
        weight,
        what: `It leaves a call of ${tool} out.`,
        recorded: call(tool, change.arguments),
        candidate: null,
      }
    case 'arguments':
      return { weight, what: `It calls ${tool} with other arguments.`, ...sides(tool, change.fields) }
    case 'rules':
      return {
        weight: change.refused === 'candidate' ? weight : 5,
        what: `A rule refuses the call of ${tool} on one side alone.`,
        recorded: change.refused === 'recorded' ? 'refused' : 'allowed',
        candidate: change.refused === 'candidate' ? 'refused' : 'allowed',
      }
    case 'unusable':
      return {
        weight: change.unusable === 'candidate' ? weight : 5,
        what: `The call of ${tool} can be run on one side alone.`,
        recorded: change.unusable === 'recorded' ? 'cannot be run' : 'is run',
        candidate: change.unusable === 'candidate' ? 'cannot be run' : 'is run',
      }
    default:
      return change satisfies never
  }
}

/** The call at which the ways part, where the recording made one like it. */
function partedCall({ parted, calls }: BacktestRun): Extract<CallChange, { kind: 'arguments' }> | undefined {
  return calls.changes.filter((change) => change.kind === 'arguments').find(({ key }) => key === parted?.key)
}

function partedChange(run: BacktestRun, effects: Effects): Once {
  const { parted } = run
  if (!parted) throw new TypeError('The run did not part')
  const like = partedCall(run)
  const tool = /[\w-]+/.exec(parted.candidate)?.[0] ?? ''
  const went = parted.wentOn === null ? 'The comparison ends there.' : `It was answered: ${parted.wentOn}.`
  return {
    weight: weigh('parted', tool, effects),
    what: `Here the ways part, since ${REASONS[parted.why]}. ${went}`,
    ...(like ? sides(like.tool, like.fields) : { recorded: parted.recorded, candidate: parted.candidate }),
  }
}

const REASONS = {
  'call not recorded': 'it makes a call that was never recorded',
  'result not recorded': 'nobody recorded what came of this call',
  'approval not recorded': 'somebody must allow the call today, and nobody has said anything of it',
} as const

function endChanges({ end, recorded, candidate }: BacktestRun): Once[] {
  if (!end) return []
  const sayEnd = (side: typeof recorded): string =>
    side.outcome.kind === 'completed' || side.outcome.kind === 'open'
      ? side.outcome.kind
      : `${side.outcome.kind}: ${'message' in side.outcome ? side.outcome.message : side.outcome.reason}`
  return [
    ...(end.same
      ? []
      : [{ weight: 80, what: 'It ends otherwise.', recorded: sayEnd(recorded), candidate: sayEnd(candidate) }]),
    ...(end.changes.length === 0 ? [] : [{ weight: 70, what: 'It gives another answer.', ...sides('', end.changes) }]),
  ]
}

const WRONGS = [
  ['refused', 58, 'Rules refuse more of its calls.'],
  ['sentBack', 55, 'More of its answers are sent back, since they break the output schema.'],
  ['unusable', 50, 'More of its calls cannot be run as it wrote them.'],
] as const

function wrongs({ recorded, candidate, calls }: BacktestRun, agent: string): Once[] {
  return WRONGS.flatMap(([figure, weight, what]) => {
    // That is told of the call itself.
    const told = figure === 'refused' ? 'rules' : figure
    if (calls.changes.some(({ kind }) => kind === told)) return []
    const [before, after] = [recorded.byAgent[agent]?.[figure] ?? 0, candidate.byAgent[agent]?.[figure] ?? 0]
    return after > before ? [{ weight, what, recorded: `${before}`, candidate: `${after}` }] : []
  })
}

function reordered({ calls }: BacktestRun): Once {
  const what = `It makes the ${calls.same} calls that are in both in another order.`
  return { weight: 10, what, recorded: null, candidate: null }
}

function call(tool: string, given: Json): string {
  return `${tool} ${pretty(given)}`
}

function sides(
  tool: string,
  fields: readonly FieldChange[],
): { readonly recorded: string; readonly candidate: string } {
  const side = (value: 'recorded' | 'candidate'): string => {
    const lines = fields.map((field) => {
      const path = field.path === '' ? '' : `${field.path}: `
      return `${path}${value in field ? pretty(field[value] ?? null) : '(not there)'}`
    })
    return [...(tool === '' ? [] : [tool]), ...lines].join('\n')
  }
  return { recorded: side('recorded'), candidate: side('candidate') }
}

function pretty(value: Json): string {
  return JSON.stringify(value, undefined, 2)
}
