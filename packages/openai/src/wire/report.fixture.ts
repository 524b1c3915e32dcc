import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { hardCuts } from './cut.fixture.ts'
import { player } from './drive.fixture.ts'
import { readCassettes, readStreams } from './recordings.fixture.ts'
import { cutRecording, streamComplaint } from './streams.fixture.ts'
import { closedLoops, type Thread, threadsOf, type Useless } from './threads.fixture.ts'

/** What came of recordings that were played. */
export interface WireReport {
  /** How many of what, in the order in which they are told. */
  readonly counts: Readonly<Record<string, number>>
  readonly useless: readonly Useless[]
  /** What is not as it was recorded. */
  readonly complaints: readonly string[]
}

/** Folds each recorded stream, cut at random so many times. */
export async function playStreams(rounds: number): Promise<WireReport> {
  const streams = readStreams()
  const complaints: string[] = []
  const hard = { characters: 0, lineEnds: 0 }
  for (const [index, stream] of streams.entries()) {
    for (let round = 0; round < rounds; round += 1) {
      const pieces = cutRecording(stream, index + round)
      const { characters, lineEnds } = hardCuts(pieces)
      hard.characters += characters
      hard.lineEnds += lineEnds
      const complaint = await streamComplaint(stream, pieces)
      if (complaint !== undefined) complaints.push(`${stream.file}, step ${stream.step}: ${complaint}`)
    }
  }
  const of = (endpoint: string) => streams.filter((stream) => stream.endpoint === endpoint).length
  const counts = {
    'streams of the Responses API': of('resp'),
    'streams of Chat Completions': of('chat'),
    'times cut at random and folded': streams.length * rounds,
    'cuts inside characters': hard.characters,
    'cuts inside line ends': hard.lineEnds,
  }
  return { counts, useless: [], complaints }
}

/**
 * Drives the threads of the cassettes through the runtime, and holds each request to the description.
 *
 * @param plainEach of the threads that are one answer in words, which are most, every so many-th.
 */
export async function playCassettes(plainEach: number): Promise<WireReport> {
  const cut = readCassettes().map(threadsOf)
  const useless = cut.flatMap((one) => one.useless)
  const threads = cut.flatMap((one) => one.threads).filter((thread, at) => at % plainEach === 0 || !isPlain(thread))
  const complaints: string[] = []
  let requests = 0
  await using playing = await player()
  for (const thread of threads) {
    const driven = await playing.drive(thread)
    requests += driven.requests.length
    const complaint = driven.complaint ?? requestComplaint(thread, driven.requests)
    if (complaint !== undefined) complaints.push(`${thread.file} (${thread.api}): ${complaint}`)
  }
  return {
    counts: {
      ...countThreads(threads),
      'requests sent': requests,
      'requests held to the description': openapiIsThere ? requests : 0,
    },
    useless,
    complaints,
  }
}

function isPlain({ turns }: Thread): boolean {
  return turns.length === 1 && turns[0]?.reply.ending.kind === 'text'
}

function requestComplaint({ api }: Thread, requests: readonly unknown[]): string | undefined {
  if (!openapiIsThere) return undefined
  const name = api === 'chat' ? 'CreateChatCompletionRequest' : 'CreateResponse'
  return requests.map((request) => openapiComplaint(name, request)).find((complaint) => complaint !== undefined)
}

/** What stands in recordings, whether it is driven or not. */
export function countThreads(threads: readonly Thread[]): Record<string, number> {
  const turns = threads.flatMap((thread) => thread.turns)
  const calling = turns.filter(({ reply }) => reply.calls.length > 0)
  const unanswered = calling.flatMap(({ reply, outputs }) => reply.calls.filter(({ id }) => !outputs.has(id)))
  const ended = (kind: string) => turns.filter(({ reply }) => reply.ending.kind === kind).length
  return {
    'runs driven': threads.length,
    'recorded replies served': turns.length,
    'closed tool loops': threads.reduce((sum, thread) => sum + closedLoops(thread), 0),
    'calls made': calling.reduce((sum, { reply }) => sum + reply.calls.length, 0),
    'calls whose output was not recorded': unanswered.length,
    'replies with parallel calls': calling.filter(({ reply }) => reply.calls.length > 1).length,
    'answers in words': ended('text'),
    'replies cut short': ended('cut short'),
    errors: ended('error'),
  }
}
