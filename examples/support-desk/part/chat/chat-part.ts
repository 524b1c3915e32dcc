import type { FakeReply, FakeScript } from '@reprise/fake-openai'
import { type Dice, dice } from '../dice.ts'
import { meetTrouble } from '../troubles.ts'
import { readTalk, type Talk } from './talk.ts'
import { type Call, findOrder, type Given, type Topic, TOPICS } from './topics.ts'

/** How likely a reply with a call is wrong. */
const TRICK_CHANCE = 0.5

/**
 * The written part in a chat: a model that knows some words of the trade, and has bad habits. What it says follows from the
 * seed and the conversation alone, so that it goes on where a conversation goes on, in a new process too.
 */
export function chatPart(seed: number): FakeScript {
  const roll = dice(seed)
  const attempts = new Map<string, number>()
  return ({ body }) => {
    const talk = readTalk(body.input)
    const asked = JSON.stringify(body.input)
    const attempt = (attempts.get(asked) ?? 0) + 1
    attempts.set(asked, attempt)
    return meetTrouble(speak(talk, roll), attempt, roll, talk.said, talk.turn)
  }
}

function speak(talk: Talk, roll: Dice): FakeReply {
  const topic = TOPICS.find(({ words }) => words.test(talk.said))
  if (!topic) return { text: 'I am here.' }
  const { given, next, refused } = standing(topic, talk)
  if (refused !== undefined) return { text: `I am sorry, that cannot be done. ${reasonIn(refused)}` }
  if (!next) return { text: topic.says(given, talk) }
  if (roll('wrong', talk.said, talk.turn) >= TRICK_CHANCE) return calls(next)
  return habit(topic, talk, given, next)
}

const LIST: Call = { name: 'list_orders', arguments: {} }

/** How far the calls of a topic have come since the customer has spoken. */
function standing(topic: Topic, talk: Talk): { given: Given; next?: Call; refused?: string } {
  const given: Record<string, Talk['made'][number]['result'] & object> = {}
  let from = 0
  if (topic.calls[0] === findOrder && talk.orderId === undefined) {
    const listed = talk.made.some(({ name }) => name === 'list_orders')
    return listed ? { given, refused: 'You have no order with us.' } : { given, next: LIST }
  }
  for (const callOf of topic.calls) {
    const call = callOf(talk, given)
    const tried = talk.made.slice(from).filter(({ name }) => name === call.name)
    const done = tried.find(({ result }) => result !== undefined)
    const [failed] = tried
    if (!done) return failed ? { given, refused: failed.refused } : { given, next: call }
    // What came too early was refused, and is called again.
    from = talk.made.indexOf(done) + 1
    given[call.name] = done.result ?? {}
  }
  return { given }
}

/** What a small model does instead: it acts before it has looked, or does all twice. A person is asked once. */
function habit(topic: Topic, talk: Talk, given: Given, next: Call): FakeReply {
  const later = topic.calls[Object.keys(given).length + 1]?.(talk, given)
  const hasLooked = talk.before.some(({ name, result }) => name === 'find_order' && result)
  if (later && next.name === 'find_order' && !hasLooked && talk.made.length === 0) return calls(later)
  return next.name === 'refund_order' ? calls(next) : calls(next, next)
}

function calls(...made: readonly Call[]): FakeReply {
  return { calls: made.map(({ name, arguments: args }) => ({ name, arguments: args })) }
}

/** The first sentence of what the model was told, as a customer may read it. */
function reasonIn(told: string): string {
  const [sentence = ''] = told
    .replace(/^Not \w+[:.] /, '')
    .replace(/^a rule does not allow .* as the conversation stands\. /, '')
    .split(/(?<=[.!?])\s/)
  return sentence
}
