// w4: a process is killed by SIGKILL inside a model call, half-way through 1,000 turns; another takes the run up.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inTemporaryFolder } from '../in-temporary-folder.ts'
import { exactly, ownRow, type Pairs, ratioRow, type Row, type Side } from '../measure.ts'
import { KILLED_AT, type Resumed, TURNS } from '../resume/program.ts'
import type { Scale } from './workload.ts'

const program = join(import.meta.dirname, '..', 'resume', 'program.js')

interface Taken extends Resumed {
  /** From the start of the process to its first model call. */
  readonly startMs: number
}

/** Kills and takes up by turns. */
export async function resume({ quick }: Scale): Promise<Row[]> {
  const pairs: { readonly reprise: Taken; readonly floor: Taken }[] = []
  for (let rep = 0; rep < (quick ? 2 : 9); rep++)
    pairs.push({ reprise: await killAndTakeUp('reprise'), floor: await killAndTakeUp('floor') })
  const of = (figure: 'startMs' | 'resumeMs'): Pairs => ({
    reprise: pairs.map(({ reprise }) => reprise[figure]),
    floor: pairs.map(({ floor }) => floor[figure]),
    ratio: pairs.map(({ reprise, floor }) => reprise[figure] / floor[figure]),
  })
  return [
    ratioRow('from a new process to its next model call', 'ms', of('startMs'), 1.5),
    ratioRow('of which taking the run up', 'ms', of('resumeMs'), 3),
    // killAndTakeUp has thrown otherwise.
    ownRow('effects done twice', 'times', exactly(0), 0),
  ]
}

function killAndTakeUp(side: Side): Promise<Taken> {
  return inTemporaryFolder(async (folder) => {
    const effects = join(folder, 'effects.txt')
    const spawn = (phase: string) =>
      spawnSync(process.execPath, [program, side, phase, folder, effects], { encoding: 'utf8' })
    const killed = spawn('run')
    if (killed.signal !== 'SIGKILL') throw new Error(`Void: ${side} was not killed: ${killed.stderr}`)
    const start = performance.timeOrigin + performance.now()
    const taken = spawn('resume')
    if (taken.status !== 0) throw new Error(`Void: ${side} was not taken up: ${taken.stderr}`)
    const resumed = JSON.parse(taken.stdout) as Resumed
    if (resumed.firstTurn !== KILLED_AT) throw new Error(`Void: ${side} went on at turn ${resumed.firstTurn}`)
    checkEffects(side, readFileSync(effects, 'utf8').trim().split('\n'))
    return { ...resumed, startMs: resumed.firstModelAt - start }
  })
}

function checkEffects(side: Side, effects: readonly string[]): void {
  const distinct = new Set(effects).size
  if (effects.length === TURNS && distinct === TURNS) return
  throw new Error(`Void: ${side} did ${effects.length} effects, ${distinct} of them distinct, instead of ${TURNS}`)
}
