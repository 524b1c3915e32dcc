import { changedStore, manualClock, memoryStore } from '@reprise/testing'
import { expect, test } from 'vitest'
import { Heartbeats } from './heartbeats.ts'

test('a beat stands still for as long as this process’s monotonic clock says, however its other clock jumps', async () => {
  const manual = manualClock({ now: 1_000 })
  let jumpedMs = 0
  const clock = { ...manual, now: () => manual.now() + jumpedMs }
  const beats = new Heartbeats(
    changedStore(memoryStore(), { owners: async () => [{ owner: 'o', heartbeat: 7 }] }),
    clock,
  )
  await beats.look()
  const stood: number[] = []
  for (let seconds = 1; seconds <= 16; seconds++) {
    jumpedMs += 3_500
    await manual.advance(1_000)
    await beats.look()
    if (beats.standsStill('o')) stood.push(seconds)
  }
  expect(stood).toEqual([15, 16])
})
