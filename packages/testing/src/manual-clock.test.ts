import { describe, expect, test } from 'vitest'
import { manualClock } from './manual-clock.ts'

describe('a manual clock', () => {
  test('stands until it is moved', async () => {
    const clock = manualClock({ now: 1000 })
    expect([clock.now(), clock.monotonic()]).toEqual([1000, 0])
    await clock.advance(250)
    expect([clock.now(), clock.monotonic()]).toEqual([1250, 250])
  })

  test('ends sleeps in the order in which they fall due, each at its own moment', async () => {
    const clock = manualClock({ now: 0 })
    const woken: string[] = []
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms)
      woken.push(`${name} at ${clock.now()}`)
    }
    const all = [sleep('late', 300), sleep('early', 100), sleep('same', 100), sleep('never', 1000)]
    expect([clock.pending, clock.nextWake]).toEqual([4, 100])
    await clock.advance(300)
    expect(woken).toEqual(['early at 100', 'same at 100', 'late at 300'])
    expect([clock.pending, clock.nextWake, clock.now()]).toEqual([1, 1000, 300])
    await clock.advance(700)
    await Promise.all(all)
    expect([clock.pending, clock.nextWake]).toEqual([0, undefined])
  })

  test('ends a sleep that begins on the way and falls due as well', async () => {
    const clock = manualClock()
    const woken: number[] = []
    const ticking = (async () => {
      for (let nth = 0; nth < 5; nth += 1) {
        await clock.sleep(100)
        woken.push(clock.now())
      }
    })()
    await clock.advance(350)
    expect(woken).toEqual([100, 200, 300])
    await clock.advance(150)
    await ticking
    expect(woken).toEqual([100, 200, 300, 400, 500])
  })

  test('ends a sleep of no time at once', async () => {
    const clock = manualClock()
    await clock.sleep(0)
    await clock.sleep(-5)
    expect(clock.pending).toBe(0)
  })

  test('ends a sleep when its signal aborts, with the reason', async () => {
    const clock = manualClock()
    const controller = new AbortController()
    const sleep = clock.sleep(100, controller.signal)
    controller.abort(new Error('enough'))
    await expect(sleep).rejects.toThrow('enough')
    expect(clock.pending).toBe(0)
    await expect(clock.sleep(100, controller.signal)).rejects.toThrow('enough')
  })
})
