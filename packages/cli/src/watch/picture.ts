import type { RunRow } from '@reprise/core'
import { bad, bold, dim, good, open } from '../show/style.ts'
import { harmless, oneLine } from '../show/text.ts'
import { saySpan } from '../show/time.ts'
import { count, sayUsed } from '../show/used.ts'
import { endWait, sayWaiting } from '../show/waiting.ts'
import { type RunNode, usedBelow } from './run-tree.ts'
import { isOver, type Standing, type Step } from './step.ts'

const SPINNER = Array.from(`\u280B\u2819\u2839\u2838\u283C\u2834\u2826\u2827\u2807\u280F`)

/** How long one picture of the spinner stands. */
export const SPIN_MS = 100

/** From when on it is worth a word that nothing comes of a run. */
const QUIET_MS = 30_000

/** How much of a tree is shown: as much as there is room for. */
interface Detail {
  /** How many of the steps that are over a run shows: the newest. */
  readonly over: number
  /** Whether the calls of turns that are over are shown. */
  readonly calls: boolean
  /** Whether a child that is under way is shown with its steps. */
  readonly children: boolean
  /** Whether one that has ended is. @default false */
  readonly ended?: true
}

/**
 * Draws a run and those below it, in as many lines as there is room for: what is oldest and over is told by its number.
 *
 * @param now milliseconds since 1970.
 * @param height the most lines.
 */
export function picture(root: RunNode, now: number, height: number): string[] {
  const few = [16, 8, 4, 2, 1, 0].filter((over) => over < height)
  const details: Detail[] = [
    { over: height, calls: true, children: true },
    ...[height, ...few].map((over) => ({ over, calls: false, children: true })),
    { over: 0, calls: false, children: false },
  ]
  let lines: string[] = []
  for (const detail of details) {
    lines = linesOf(root, now, detail, oneLine(root.row.id), true)
    if (lines.length <= height) return lines
  }
  const shown = lines.slice(0, Math.max(1, height - 1))
  return height < 2 ? shown : [...shown, dim(`  \u2026 and ${count(lines.length - shown.length, 'line')} more`)]
}

/**
 * Draws all of a run and of those below it.
 *
 * @param now milliseconds since 1970.
 */
export function wholePicture(root: RunNode, now: number): string[] {
  const detail = { over: Infinity, calls: true, children: true, ended: true } as const
  return linesOf(root, now, detail, oneLine(root.row.id), true)
}

function linesOf(node: RunNode, now: number, detail: Detail, name: string, isRoot: boolean): string[] {
  const row = harmless(node.row)
  const head = `${markOf(standingOf(row), now)} ${bold(name)}  ${dim(oneLine(`${row.kind} ${row.name}`))}  ${sayStanding(node, row, now)}`
  const used = dim(sayUsed(usedBelow(node)))
  const elapsed = dim(saySpan(Math.max(0, (row.endedAt ?? now) - row.createdAt)))
  const isBrief = !detail.children || (row.endedAt !== null && !detail.ended)
  if (!isRoot && isBrief) return [`${head}  ${used}  ${elapsed}`]
  const { waiting } = row
  const help = waiting && waiting.kind !== 'child' ? [`  ${dim(`go on: ${oneLine(endWait(row.id, waiting))}`)}`] : []
  return [`${head}  ${elapsed}`, `  ${used}`, ...help, ...stepsOf(node, now, detail).map((line) => `  ${line}`)]
}

function stepsOf(node: RunNode, now: number, detail: Detail): string[] {
  const { progress, children } = node
  if (!progress) return []
  const over = progress.steps.filter((step) => isDone(step, children))
  const hidden = new Set(over.slice(0, Math.max(0, over.length - detail.over)))
  const shown = progress.steps.filter((step) => !hidden.has(step))
  return [...sayHidden([...hidden]), ...shown.flatMap((step) => linesOfStep(step, children, now, detail))]
}

function linesOfStep(step: Step, children: RunNode['children'], now: number, detail: Detail): string[] {
  const child = children.get(step.key)
  if (child) return linesOf(child, now, detail, nameOf(step, child), false)
  const line = `${markOf(isTriedAgain(step, now) ? 'busy' : step.standing, now)} ${step.what}${sayNote(step, now)}${sayElapsed(step, now)}`
  if (isDone(step, children) && !detail.calls) return [line]
  const calls = step.steps.flatMap((call) => linesOfStep(call, children, now, detail))
  return [line, ...calls.map((told) => `  ${told}`)]
}

/** A child's id says which step it is of, where nobody has chosen another. */
function nameOf({ key, what }: Step, { row: { id } }: RunNode): string {
  return id.endsWith(`/${key}`) ? oneLine(id) : `${what}  ${oneLine(id)}`
}

/** A turn whose calls are under way is not done with. */
function isDone(step: Step, children: RunNode['children']): boolean {
  const child = children.get(step.key)
  return isOver(step) && (child === undefined || child.ended) && step.steps.every((call) => isDone(call, children))
}

function sayHidden(steps: readonly Step[]): string[] {
  if (steps.length === 0) return []
  const thing = steps.every(({ key }) => key.startsWith('turn ')) ? 'turn' : 'step'
  const failed = steps.filter(({ standing }) => standing === 'failed').length
  const told = failed > 0 ? `, of which ${failed} failed` : ''
  return [`${good(`\u2713`)} ${dim(`${count(steps.length, thing)} done${told}`)}`]
}

/** No entry says that a retry has begun. */
function isTriedAgain({ standing, until }: Step, now: number): boolean {
  return standing === 'again' && until !== null && until <= now
}

function sayNote(step: Step, now: number): string {
  const { standing, note, until } = step
  const left = until === null ? '' : saySpan(Math.max(0, until - now))
  const again = isTriedAgain(step, now) ? 'tried again' : `again in ${left}`
  const time = { again, waiting: until === null ? '' : `${left} left` }
  const told = [note, standing === 'again' || standing === 'waiting' ? time[standing] : ''].filter(
    (part) => part !== '',
  )
  if (told.length === 0) return ''
  const style = { busy: dim, done: dim, failed: bad, again: open, waiting: open }[standing]
  return `  ${style(told.join(', '))}`
}

function sayElapsed({ since, endedAt }: Step, now: number): string {
  return `  ${dim(saySpan(Math.max(0, (endedAt ?? now) - since)))}`
}

function sayStanding({ progress }: RunNode, { status, waiting, owner }: RunRow, now: number): string {
  if (waiting) return open(oneLine(`waiting ${sayWaiting(waiting)}`))
  if (status !== 'running')
    return { completed: good, failed: bad, cancelled: dim, quarantined: bad, queued: dim, waiting: open }[status](
      status,
    )
  if (owner === null) return open('running, and nobody drives it')
  const quiet = now - (progress?.lastAt ?? now)
  return quiet < QUIET_MS ? 'running' : `running, ${open(`nothing written for ${saySpan(quiet)}`)}`
}

function standingOf({ status, waiting }: RunRow): Standing {
  if (waiting?.kind === 'retry') return 'again'
  const standings = {
    queued: 'waiting',
    running: 'busy',
    waiting: 'waiting',
    completed: 'done',
    failed: 'failed',
    cancelled: 'failed',
    quarantined: 'failed',
  } as const
  return standings[status]
}

function markOf(standing: Standing, now: number): string {
  switch (standing) {
    case 'busy':
      return SPINNER[Math.floor(now / SPIN_MS) % SPINNER.length] ?? ''
    case 'done':
      return good(`\u2713`)
    case 'failed':
      return bad(`\u2717`)
    case 'again':
      return open(`\u21BB`)
    case 'waiting':
      return open(`\u25CF`)
    default:
      return standing satisfies never
  }
}
