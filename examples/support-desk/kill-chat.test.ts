import { expect, it, vi } from 'vitest'
import { holdChat } from './chat/hold.fixture.ts'
import { CHAT_SCRIPT } from './kill/chat-script.ts'
import { chatTrial, type Held, type Moment, undisturbedChat } from './kill/chat-trial.ts'

/** Holds a chat in this process, as its program does. */
const here: Held['hold'] = async (args, env, input) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  try {
    return { ...(await holdChat(args, input)), stderr: '' }
  } finally {
    vi.unstubAllEnvs()
  }
}

it('a chat that is killed while a refund is paid goes on without saying or doing anything twice', async () => {
  const held = { seed: 21, script: CHAT_SCRIPT.slice(2, 4), hold: here }
  const reference = await undisturbedChat(held)
  // The third question comes when the refund is paid.
  expect(await chatTrial(held, reference, [(logged) => logged.question(3)])).toEqual({ kills: 1, wrong: [] })
})

it('a chat that is killed five times comes to the same end', { tags: 'slow' }, async () => {
  const held = { seed: 3, script: CHAT_SCRIPT, hold: here }
  const reference = await undisturbedChat(held)
  const moments = [2, 5, 3, 6, 4].map(
    (nth): Moment =>
      (logged) =>
        logged.question(nth),
  )
  expect(await chatTrial(held, reference, moments)).toEqual({ kills: 5, wrong: [] })
})
