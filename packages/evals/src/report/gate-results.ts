import type { Bounds, Gates } from '../define/gates.ts'
import type { Line, Lines } from './line.ts'

/** Whether a gate holds, and how that is told. */
export interface GateResult {
  readonly gate: string
  readonly ok: boolean
  readonly told: string
}

/** Below this, a change is not taken for chance. */
const CHANCE = 0.05

/** Says of each gate whether it holds. What is not known keeps no bound. */
export function gatesOf(
  gates: Gates,
  lines: Lines,
  last: { readonly compared: number; readonly hasLast: boolean },
): readonly GateResult[] {
  const { noWorseThan, ...bounds } = gates
  const byName = new Map([...lines.scores, ...lines.passHat, ...lines.measures].map((line) => [line.name, line]))
  const judged = Object.entries(bounds).flatMap(([name, bound]) =>
    bound ? [judge(name, bound, byName.get(name))] : [],
  )
  if (noWorseThan === undefined) return judged
  const by = noWorseThan === 'last' ? Infinity : noWorseThan.by
  return [...judged, noWorse(lines.scores, by, last)]
}

function judge(gate: string, { min = -Infinity, max = Infinity }: Bounds, line: Line | undefined): GateResult {
  const wanted = [...(min > -Infinity ? [`at least ${min}`] : []), ...(max < Infinity ? [`at most ${max}`] : [])].join(
    ' and ',
  )
  if (!line?.mean) return { gate, ok: false, told: `${gate} is to be ${wanted}, and is not known` }
  // A mean of costs of which some are missing is no mean of all.
  if (line.unit === 'usd' && line.unknown > 0)
    return {
      gate,
      ok: false,
      told: `${gate} is to be ${wanted}, and ${line.unknown === 1 ? '1 trial has' : `${line.unknown} trials have`} no known price`,
    }
  const { estimate } = line.mean
  const unknown =
    line.unknown === 0 ? '' : `; of ${line.unknown === 1 ? '1 trial' : `${line.unknown} trials`} it is not known`
  return {
    gate,
    ok: estimate >= min && estimate <= max,
    told: `${gate} is to be ${wanted}, and is ${round(estimate)}${unknown}`,
  }
}

function noWorse(
  scores: readonly Line[],
  by: number,
  { compared, hasLast }: { readonly compared: number; readonly hasLast: boolean },
): GateResult {
  const gate = 'noWorseThan'
  if (!hasLast) return { gate, ok: true, told: 'there is no last result to be worse than' }
  if (compared === 0) return { gate, ok: true, told: 'no row of the last result was asked the same' }
  const worse = scores.flatMap(({ name, change }) => {
    if (!change || change.difference.estimate >= 0) return []
    const { difference, test } = change
    const fall = -difference.estimate
    if (fall > by) return [`${name} fell by ${round(fall)}, more than ${by}`]
    return test.p < CHANCE ? [`${name} fell by ${round(fall)}, which is hardly chance (p ${round(test.p)})`] : []
  })
  const told =
    worse.length === 0 ? `no scorer is worse than in the last result, over ${compared} rows` : worse.join('; ')
  return { gate, ok: worse.length === 0, told }
}

function round(value: number): string {
  return String(Number(value.toPrecision(4)))
}
