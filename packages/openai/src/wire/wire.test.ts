import { describe, expect, test } from 'vitest'
import { failureOf } from '../ask.fixture.ts'
import { openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { cutAtRandom, hardCuts, type HardCuts, randomFrom } from './cut.fixture.ts'
import { readCassettes, readStreams, recordingsAreThere } from './recordings.fixture.ts'
import { countThreads, playCassettes } from './report.fixture.ts'
import { cutRecording, replaying, streamComplaint } from './streams.fixture.ts'
import { closedLoops, threadsOf } from './threads.fixture.ts'

const streams = readStreams()

/** What is driven in each test run: of the many threads that are one answer in words, every tenth. */
const driven = {
  'runs driven': 173,
  'recorded replies served': 290,
  'closed tool loops': 110,
  'calls made': 187,
  'calls whose output was not recorded': 61,
  'replies with parallel calls': 15,
  'answers in words': 121,
  'replies cut short': 2,
  errors: 3,
}

describe.skipIf(!recordingsAreThere)('recorded traffic (skipped where ../shared/data is not there)', () => {
  test('is cut into runs with all of its closed tool loops, and nothing is left but uploads', () => {
    const cassettes = readCassettes()
    const cut = cassettes.map(threadsOf)
    expect(cut.map((one) => one.threads.reduce((sum, thread) => sum + closedLoops(thread), 0))).toEqual(
      cassettes.map(({ closedToolLoops }) => closedToolLoops),
    )
    expect(cut.flatMap((one) => one.useless.map(({ path }) => path))).toEqual(['/v1/files', '/v1/files', '/v1/files'])
    const counts = countThreads(cut.flatMap((one) => one.threads))
    const all = { ...driven, 'runs driven': 730, 'recorded replies served': 847, 'answers in words': 678 }
    expect([cassettes.length, counts]).toEqual([278, all])
  })

  test('goes through the runtime as it was recorded: no call is told twice, none is lost, errors are errors', async () => {
    const { counts, complaints } = await playCassettes(10)
    expect(complaints).toEqual([])
    const held = openapiIsThere ? 337 : 0
    expect(counts).toEqual({ ...driven, 'requests sent': 337, 'requests held to the description': held })
  })
})

describe.skipIf(!recordingsAreThere)('recorded streams (skipped where ../shared/data is not there)', () => {
  test('are of both APIs, and are cut inside characters and inside line ends', () => {
    const of = (endpoint: string) => streams.filter((stream) => stream.endpoint === endpoint).length
    expect([of('resp'), of('chat')]).toEqual([91, 83])
    const cuts = streams.map((stream, index) => hardCuts(cutRecording(stream, index)))
    const sum = (of: keyof HardCuts) => cuts.reduce((total, cut) => total + cut[of], 0)
    expect([sum('characters'), sum('lineEnds')]).toEqual([93, 2304])
  })

  test.for(streams.map((recording, index) => [index, recording.endpoint, recording.file, recording] as const))(
    'stream %i (%s, %s) folds to the official final object, however it is cut',
    async ([index, , , recording]) => {
      expect(await streamComplaint(recording, cutRecording(recording, index))).toBeUndefined()
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
