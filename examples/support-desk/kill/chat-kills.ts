import { setTimeout as wait } from 'node:timers/promises'
import { dice } from '../part/dice.ts'
import { CHAT_SCRIPT } from './chat-script.ts'
import { chatTrial, type Moment, undisturbedChat } from './chat-trial.ts'

/** How often one chat is killed before it is let be. */
const KILLS_EACH = 5

/** How long after a question of the model a chat is killed at most, in milliseconds: its answer, and what comes of it, fall in it. */
const AFTER_MS = 100

/**
 * Kills chats at random moments, which follow from the seed, and prints what came of each.
 *
 * @param times how many kills in all.
 * @returns how many chats came to another end than undisturbed.
 */
export async function killChats(times: number, seed: number): Promise<number> {
  const held = { seed, script: CHAT_SCRIPT }
  const reference = await undisturbedChat(held)
  const { history, changes, questions } = reference
  console.log(
    `Undisturbed it has ${history.length} items, asks ${questions} questions and makes ${changes.length} changes.`,
  )
  const roll = dice(seed)
  let [killed, chats, failed] = [0, 0, 0]
  while (killed < times) {
    const moments = Array.from({ length: Math.min(KILLS_EACH, times - killed) }, (_, at) => ({
      // Of those that are left, each start is to have some for the next one.
      nth: 1 + Math.floor((roll('question', chats, at) * questions) / KILLS_EACH),
      afterMs: Math.round(roll('moment', chats, at) * AFTER_MS),
    }))
    const { kills, wrong } = await chatTrial(held, reference, moments.map(momentOf))
    // What had ended before its moment was not killed.
    killed += kills
    chats++
    if (wrong.length > 0) failed++
    const when = moments.map(({ nth, afterMs }) => `${afterMs} ms after question ${nth}`).join(', ')
    console.log(`killed ${kills} times (${when}): ${wrong.join(' ') || SAME}`)
  }
  console.log(`\n${killed} kills in ${chats} chats: ${chats - failed} came to the same end, ${failed} did not.`)
  return failed
}

function momentOf({ nth, afterMs }: { nth: number; afterMs: number }): Moment {
  return async (logged) => {
    await logged.question(nth)
    await wait(afterMs)
  }
}

const SAME = 'the same was said and done, nothing twice, nothing asked again, all replay'
