import { describe, expect, test } from 'vitest'
import { failureOf } from '../ask.fixture.ts'
import { cutAtRandom, randomFrom } from './cut.fixture.ts'
import { readCassettes, readStreams, recordingsAreThere } from './recordings.fixture.ts'
import { playCassettes } from './report.fixture.ts'
import { replaying, streamComplaint } from './streams.fixture.ts'
import { closedLoops, threadsOf } from './threads.fixture.ts'

const streams = readStreams()

describe.skipIf(!recordingsAreThere)('recorded traffic (skipped where ../shared/data is not there)', () => {
  test('is cut into runs with all of its closed tool loops, and nothing is left but uploads', () => {
    const cassettes = readCassettes()
    const cut = cassettes.map(threadsOf)
    const threads = cut.flatMap((one) => one.threads)
    expect(cut.map((one) => one.threads.reduce((sum, thread) => sum + closedLoops(thread), 0))).toEqual(
      cassettes.map(({ closedToolLoops }) => closedToolLoops),
    )
    expect(cut.flatMap((one) => one.useless.map(({ path }) => path))).toEqual(['/v1/files', '/v1/files', '/v1/files'])
    expect([threads.length, threads.flatMap((thread) => thread.turns).length]).toEqual([730, 847])
  })

  test('goes through the runtime as it was recorded: no call is told twice, none is lost, errors are errors', async () => {
    const { counts, complaints } = await playCassettes(10)
    expect(complaints).toEqual([])
    expect(counts).toMatchObject({
      'closed tool loops': 110,
      'calls made': 187,
      'replies with parallel calls': 15,
      'replies cut short': 2,
      errors: 3,
    })
    expect(counts['requests held to the description']).toBe(counts['requests sent'])
  })
})

describe.skipIf(!recordingsAreThere)('recorded streams (skipped where ../shared/data is not there)', () => {
  test('are of both APIs', () => {
    const of = (endpoint: string) => streams.filter((stream) => stream.endpoint === endpoint).length
    expect([of('resp'), of('chat')]).toEqual([91, 83])
  })

  test.for(streams.map((recording, index) => [index, recording.endpoint, recording.file, recording] as const))(
    'stream %i (%s, %s) folds to the official final object, however it is cut',
    async ([index, , , recording]) => {
      expect(await streamComplaint(recording, index + 1, 1)).toBeUndefined()
    },
  )
  for (const [endpoint, last] of [
    ['resp', 'event: response.completed'],
    ['chat', '"finish_reason":"'],
  ] as const) {
    test(`a stream (${endpoint}) that stops at any byte before its last event is cut, and not taken for whole`, async () => {
      const recording = streams.find((one) => one.endpoint === endpoint && one.sse.includes('call_'))
      if (!recording) throw new Error('Expected a recorded stream with a call.')
      const bytes = Buffer.from(recording.sse)
      const end = bytes.lastIndexOf(last)
      const random = randomFrom(7)
      for (let round = 0; round < 50; round += 1) {
        const pieces = cutAtRandom(bytes.subarray(0, Math.floor(random() * end)), random)
        expect(await failureOf(replaying(recording, pieces))).toMatchObject({ code: 'stream_cut', retryable: true })
      }
    })
  }
})
