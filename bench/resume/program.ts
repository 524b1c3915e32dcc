// A process of w4. usage: program.js SIDE run|resume FOLDER EFFECTS
// `run` is killed in the middle; `resume` takes it up, says on stdout how that went, and brings it to its end.
import { argv } from 'node:process'
import type { Create } from '../contenders/contender.ts'
import { World } from '../world.ts'

/** Turns of the run, and the one in whose model call it is killed. */
export const TURNS = 1_000
export const KILLED_AT = 500

/** What a process that took the run up says. */
export interface Resumed {
  /** When it asked the model for the first time, in milliseconds since 1970. */
  readonly firstModelAt: number
  /** The turn that it asked for. */
  readonly firstTurn: number
  /** From the call of resume to that. */
  readonly resumeMs: number
}

if (import.meta.main) {
  // Who starts this process says which side it is.
  const [, , side, phase, dir = '', effectsFile = ''] = argv as [
    string,
    string,
    'floor' | 'reprise',
    string,
    string?,
    string?,
  ]
  const killed = phase === 'run'
  const world = new World({ n: TURNS, effectsFile, ...(killed && { killAt: KILLED_AT }) })
  // Loads its own side alone.
  const { create } = (await import(`../contenders/${side}.js`)) as { create: Create }
  const contender = await create({ world, dir, durable: true, variant: 'normal' })
  const start = performance.timeOrigin + performance.now()
  const answer = await (killed ? contender.run('r1') : contender.resume('r1'))
  world.verifyAnswers([answer])
  const { firstModelAt, firstTurn } = world
  const resumed: Resumed = { firstModelAt, firstTurn, resumeMs: firstModelAt - start }
  console.log(JSON.stringify(resumed))
  await contender.close()
}
