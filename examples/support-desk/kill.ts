// Kills the demo, or with --chat the chat, at random moments with SIGKILL, gives the same command again, and says whether
// anything was lost or done twice. usage: npm run kill -- --times 50 --seed 7 --chat
import { availableParallelism } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { SEED } from './args.ts'
import { killChats } from './kill/chat-kills.ts'
import { type Trial, trial, undisturbed } from './kill/trial.ts'

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(SEED) },
    chat: { type: 'boolean', default: false },
  },
})
const times = Number(values.times)
const seed = Number(values.seed)
if (!Number.isSafeInteger(times) || times < 1 || !Number.isSafeInteger(seed) || seed < 0) {
  console.error('--times must be a whole number of 1 or more, and --seed one of 0 or more.')
  process.exit(2)
}
const failed = values.chat ? await killChats(times, seed) : await killDemos()
process.exitCode = failed === 0 ? 0 : 1

/** @returns how many came to another end. */
async function killDemos(): Promise<number> {
  const reference = await undisturbed(seed)
  console.log(`Undisturbed the demo takes ${reference.tookMs} ms, and makes ${reference.changes.length} changes.`)
  const trials: Trial[] = []
  let left = times
  await Promise.all(Array.from({ length: Math.min(times, availableParallelism()) }, lane))
  const failed = trials.filter(({ wrong }) => wrong.length > 0).length
  console.log(`\n${trials.length} kills: ${trials.length - failed} came to the same end, ${failed} did not.`)
  return failed

  async function lane(): Promise<void> {
    while (left > 0) {
      left--
      // Two at once take longer than one: the end of the demo is to be met as often as its middle.
      const afterMs = Math.round(Math.random() * reference.tookMs * 1.5)
      const { kills, wrong } = await trial(reference, () => wait(afterMs))
      if (kills === 0) {
        // The demo was faster: nothing was killed, so it does not count.
        left++
        continue
      }
      trials.push({ kills, wrong })
      console.log(
        `killed at ${String(afterMs).padStart(5)} ms: ${wrong.join(' ') || 'same end, nothing asked again, all replay'}`,
      )
    }
  }
}
