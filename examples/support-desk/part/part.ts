import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FakeReply, FakeScript } from '@reprise/fake-openai'
import { type Dice, dice } from './dice.ts'
import type { Line } from './lines.ts'
import { readScene, type Scene } from './scene.ts'
import { playTrick, spoilAnswer } from './tricks.ts'
import { meetTrouble } from './troubles.ts'

/** How likely a reply is wrong. */
const TRICK_CHANCE = 0.4

/** The model that the part plays; asked as another one, it makes other mistakes. */
const PLAYED = 'gpt-4.1-mini'

/** Items of a conversation after which the part behaves, so that every ticket is done within its turns. */
const PATIENCE = 40

/**
 * The written part: a model that knows what is right for each ticket of the demo and does it badly.
 * What it says follows from the seed and the conversation alone, so that it goes on where a run goes on, in a new
 * process too. It remembers only how often it was asked the same, lest it fail the same way for ever.
 */
export function writtenPart(seed: number): FakeScript {
  const rolls = new Map<string, Dice>([[PLAYED, dice(seed)]])
  const attempts = new Map<string, number>()
  const ticketIds = readTicketIds()
  return ({ body }) => {
    const scene = readScene(body, ticketIds)
    const roll = rolls.get(body.model) ?? dice(`${seed} ${body.model}`)
    rolls.set(body.model, roll)
    const asked = `${body.model} ${scene.turn} ${scene.ticket}`
    const attempt = (attempts.get(asked) ?? 0) + 1
    attempts.set(asked, attempt)
    return meetTrouble(speak(scene, roll), attempt, roll, scene.ticket, scene.turn)
  }
}

/** The ids of the demo's tickets, by their words. */
export function readTicketIds(): ReadonlyMap<string, string> {
  const file = join(import.meta.dirname, '..', 'tickets.json')
  // The demo's own file, which its tests read as the schema does.
  const tickets = JSON.parse(readFileSync(file, 'utf8')) as readonly { id: string; text: string }[]
  return new Map(tickets.map(({ id, text }) => [text, id]))
}

function speak(scene: Scene, roll: Dice): FakeReply {
  const { ticket, turn, open, complaints, role } = scene
  const [next] = open
  const isWrong = turn < PATIENCE && complaints < 2 && roll('wrong', ticket, turn) < TRICK_CHANCE
  if (!isWrong) return rightReply(scene)
  const [which, how] = [roll('which', ticket, turn), roll('how', ticket, turn)]
  if (!next) return spoilAnswer(JSON.stringify(role.answer), how)
  return playTrick(scene, next, which, how) ?? rightReply(scene)
}

/** What is right in a scene. */
export function rightReply(scene: Scene): FakeReply {
  const [next] = scene.open
  return next ? { calls: [callOf(next, scene)] } : { text: JSON.stringify(scene.role.answer), deltas: 6 }
}

/** The right call, or the handoff to somebody who can make it. */
function callOf({ by, name, arguments: args }: Line, { tools }: Scene): { name: string; arguments: Line['arguments'] } {
  return tools.has(name) ? { name, arguments: args } : { name: `transfer_to_${by}`, arguments: {} }
}
