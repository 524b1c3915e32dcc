import type { FakeReply, FakeScript } from '@reprise/fake-openai'
import type { Reading } from '../extraction/statement.ts'
import { type Dice, dice } from './dice.ts'
import { readingCall, readScene, type Scene } from './scene.ts'
import { transcribe } from './transcribe.ts'
import { misread, spoilAnswer, spoilCall } from './tricks.ts'
import { meetTrouble } from './troubles.ts'

/** How likely a reply is wrong. */
const TRICK_CHANCE = 0.4

/** How likely a file is misread by its first reader. */
const MISREAD_CHANCE = 0.35

/** Items of a conversation after which the part behaves, so that every file is read within its turns. */
const PATIENCE = 24

/**
 * The written part: a model that can read the demo's own layouts, and does it badly.
 * What it says follows from the seed and the conversation alone, so that it goes on where a run goes on, in a new
 * process too. It remembers only how often it was asked the same, lest its server fail the same way for ever.
 */
export function writtenPart(seed: number): FakeScript {
  const roll = dice(seed)
  const attempts = new Map<string, number>()
  return ({ body }) => {
    const scene = readScene(body)
    const asked = `${scene.turn} ${scene.task}`
    const attempt = (attempts.get(asked) ?? 0) + 1
    attempts.set(asked, attempt)
    return meetTrouble(speak(scene, roll), attempt, roll, scene.task, scene.turn)
  }
}

function speak(scene: Scene, roll: Dice): FakeReply {
  const { task, turn, complaints, page } = scene
  const isWrong = turn < PATIENCE && complaints < 2 && roll('wrong', task, turn) < TRICK_CHANCE
  const [which, how] = [roll('which', task, turn), roll('how', task, turn)]
  if (page === undefined) return isWrong ? spoilCall(scene, which, how) : { calls: [readingCall(scene)] }
  const answer = JSON.stringify(answerTo(scene, page, roll))
  return isWrong ? spoilAnswer(answer, how) : { text: answer, deltas: 6 }
}

function answerTo(scene: Scene, page: string, roll: Dice): Reading {
  const { task, again } = scene
  const right = readingOf(scene, page)
  return !again && roll('misread', task) < MISREAD_CHANCE ? misread(right, roll('misread how', task)) : right
}

function readingOf({ file, layout }: Scene, page: string): Reading {
  if (!layout) {
    const what = /<title>(.*)<\/title>/.exec(page)?.[1]
    const problem = what === undefined ? 'The written part does not know this file.' : `It is a web page: ${what}.`
    return { file, statement: null, problem }
  }
  const statement = transcribe(page, layout)
  return statement
    ? { file, statement, problem: null }
    : { file, statement: null, problem: 'The written part knows a file of this name that is laid out in another way.' }
}
