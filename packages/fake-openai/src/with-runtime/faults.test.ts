// Each fault of the fake's plan from the runtime's side: what the user hears, what is journaled, how the run ends.
import type { Timeouts } from '@reprise/openai'
import { describe, expect, test } from 'vitest'
import { type FaultKind, faultKinds } from '../script/fault-kinds.ts'
import { clerk, openShop, type Run, type Shop, type Story, tell } from './shop.fixture.ts'

const answer = ['1: Order 4711 is', '1:  on its way.']
const completed = { kind: 'completed', output: 'Order 4711 is on its way.' } as const
const asked = 'assistant, find_order({"orderId":"4711"})'
const requestId = expect.stringMatching(/^req_/) as string

/** Nothing goes wrong. */
const smooth: Story = {
  heard: ['1: One', '1:  moment.', ...answer],
  journal: [
    'run run.started',
    `agent:0/turn:0 model.replied ${asked}`,
    'agent:0/turn:0/call:0 call.returned "4711 is on its way"',
    'agent:0/turn:1 model.replied assistant',
    'run run.completed',
  ],
  outcome: completed,
}

/** The first ask fails, and is made again. */
function askedAgain(failure: string, ...heard: string[]): Story {
  return {
    heard: [...heard, '2: One', '2:  moment.', ...answer],
    journal: [
      'run run.started',
      `agent:0/turn:0 model.failed ${failure}`,
      `agent:0/turn:0 #2 model.replied ${asked}`,
      'agent:0/turn:0/call:0 call.returned "4711 is on its way"',
      'agent:0/turn:1 model.replied assistant',
      'run run.completed',
    ],
    outcome: completed,
  }
}

/** The first ask fails, and no other can help. */
function failed(code: string, status: number, message: string): Story {
  return {
    heard: [],
    journal: ['run run.started', `agent:0/turn:0 model.failed ${code}, for good`, `run run.failed failed: ${code}`],
    outcome: { kind: 'failed', error: { code, message, details: { status, requestId } } },
  }
}

/** The first ask fails, and none helps until somebody mends what is wrong there: the run waits for that. */
function waits(code: string, status: number, message: string): Story {
  const error = { code, message, details: { status, requestId } }
  const until = expect.any(Number) as number
  const waiting = { kind: 'interrupted', key: 'run', error, until, times: 1, mendable: true } as const
  return { heard: [], journal: ['run run.started'], outcome: { kind: 'waiting', waiting, waits: [waiting] } }
}

/** The first reply is wrong; the model is told, and does it right. */
function toldAndMended(replied: string, told: string): Story {
  return {
    heard: ['1: One', '1:  moment.', '1: One', '1:  moment.', ...answer],
    journal: [
      'run run.started',
      `agent:0/turn:0 model.replied ${replied}`,
      `agent:0/turn:0/call:0 call.failed: ${told}`,
      `agent:0/turn:1 model.replied ${asked}`,
      'agent:0/turn:1/call:0 call.returned "4711 is on its way"',
      'agent:0/turn:2 model.replied assistant',
      'run run.completed',
    ],
    outcome: completed,
  }
}

/** The first reply is the last. */
function stopped(item: string, outcome: Extract<Story['outcome'], { readonly error: unknown }>): Story {
  return {
    heard: item === 'refusal' ? [] : ['1: One', '1:  mo'],
    journal: [
      'run run.started',
      `agent:0/turn:0 model.replied ${item}`,
      `run run.failed ${outcome.kind}: ${outcome.error.code}`,
    ],
    outcome,
  }
}

const long =
  'The reply was longer than maxOutputTokens, or than what the model has room for. Raise it, give the model less, or ask for less; what was said stands in `text`.'
const filtered = 'The service cut the reply off by its content filter. What was said stands in `text`.'
const begun = ['1: One', '1:  moment.', '1: discarded']

const stories: Record<Exclude<FaultKind, 'slow' | 'stall' | 'hang'>, Story> = {
  request_timeout: askedAgain('timeout, again after 250 ms'),
  conflict: askedAgain('conflict, again after 250 ms'),
  rate_limit_exceeded: askedAgain('rate_limit_exceeded, again after 100 ms'),
  slow_down: askedAgain('slow_down, again after 250 ms'),
  server_error: askedAgain('server_error, again after 250 ms'),
  bad_gateway: askedAgain('server_error, again after 250 ms'),
  server_is_overloaded: askedAgain('server_is_overloaded, again after 250 ms'),
  insufficient_quota: waits(
    'insufficient_quota',
    429,
    'The server at <url> refused the request (429 insufficient_quota): You exceeded your current quota, please check your plan and billing details. Asking again does not help: add credit or raise the limit.',
  ),
  credit_balance_exhausted: waits(
    'credit_balance_exhausted',
    429,
    'The server at <url> refused the request (429 credit_balance_exhausted): Your credit balance is exhausted. Please add credits. Asking again does not help: add credit or raise the limit.',
  ),
  project_spend_limit_exceeded: waits(
    'project_spend_limit_exceeded',
    429,
    "The server at <url> refused the request (429 project_spend_limit_exceeded): Your project's spend limit is reached. Please raise it or wait for the next month. Asking again does not help: add credit or raise the limit.",
  ),
  organization_spend_limit_exceeded: waits(
    'organization_spend_limit_exceeded',
    429,
    "The server at <url> refused the request (429 organization_spend_limit_exceeded): Your organization's spend limit is reached. Please raise it or wait for the next month. Asking again does not help: add credit or raise the limit.",
  ),
  organization_usage_limit_exceeded: waits(
    'organization_usage_limit_exceeded',
    429,
    "The server at <url> refused the request (429 organization_usage_limit_exceeded): Your organization's usage limit is reached. Please contact your administrator. Asking again does not help: add credit or raise the limit.",
  ),
  invalid_request: failed(
    'invalid_value',
    400,
    "The server at <url> refused the request (400 invalid_value): Invalid value for 'input'. Asking again does not help: change the request.",
  ),
  invalid_api_key: waits(
    'invalid_api_key',
    401,
    'The server at <url> refused the request (401 invalid_api_key): Incorrect API key provided: sk-gone. Check OPENAI_API_KEY or openai({ apiKey }).',
  ),
  forbidden: waits(
    'unsupported_country_region_territory',
    403,
    'The server at <url> refused the request (403 unsupported_country_region_territory): Country, region, or territory not supported. Check what the key may do.',
  ),
  model_not_found: waits(
    'model_not_found',
    404,
    'Model "gpt-4.1-mini" is not served at <url> (404 model_not_found): The model does not exist or you do not have access to it. Check the name of the agent\'s model.',
  ),
  reset: askedAgain('connection, again after 250 ms'),
  cut_stream: askedAgain('stream_cut, again after 250 ms', ...begun),
  end_stream: askedAgain('stream_cut, again after 250 ms', ...begun),
  failed_reply: askedAgain('server_error, again after 250 ms', ...begun),
  error_event: askedAgain('server_error, again after 250 ms', ...begun),
  empty_reply: askedAgain('empty_reply, again after 250 ms'),
  malformed_arguments: toldAndMended(
    'assistant, find_order({"orderId":"4711")',
    "Not executed: the arguments of find_order are not JSON (Expected ',' or '}' after property value in JSON at position 17 (line 1 column 18)). Call it again with one JSON object.",
  ),
  unknown_tool: toldAndMended(
    'assistant, find_order_v2({"orderId":"4711"})',
    'Not executed: there is no tool "find_order_v2". You can call: find_order.',
  ),
  duplicate_call_ids: {
    heard: ['1: One', '1:  moment.', ...answer],
    journal: [
      'run run.started',
      `agent:0/turn:0 model.replied ${asked}, find_order({"orderId":"4711"})`,
      'agent:0/turn:0/call:1 call.failed: Not executed: the call id "call_…" was used twice in one reply. Call find_order again if you meant two calls.',
      'agent:0/turn:0/call:0 call.returned "4711 is on its way"',
      'agent:0/turn:1 model.replied assistant',
      'run run.completed',
    ],
    outcome: completed,
  },
  refusal: stopped('refusal', {
    kind: 'refused',
    error: { code: 'refusal', message: 'The model refused to answer. Its words stand in `text`.' },
    text: "I'm sorry, but I can't help with that.",
  }),
  incomplete: stopped('assistant, find_order({"orderId)', {
    kind: 'incomplete',
    error: { code: 'length', message: long },
    text: 'One mo',
  }),
  content_filter: stopped('assistant', {
    kind: 'incomplete',
    error: { code: 'content-filter', message: filtered },
    text: 'One mo',
  }),
}

const quick = Object.keys(stories) as (keyof typeof stories)[]

describe('a run whose service has a fault', () => {
  test.for(quick)('(%s) is told of it, asks again, waits or ends, and its user sees why', async (fault) => {
    await using shop = await openShop({ faults: [{ n: 1, fault }] })
    expect(await tell(shop)).toEqual(stories[fault])
    expect(shop.fake.faults).toEqual([{ n: 1, fault }])
  })

  test.for(quick)('(%s) over Chat Completions goes as over Responses', async (fault) => {
    await using shop = await openShop({ faults: [{ n: 1, fault }] }, { api: 'chat' })
    expect(await tell(shop)).toEqual(stories[fault])
  })

  test.for(quick)('(%s) in one piece goes as in a stream, without words on the way', async (fault) => {
    await using shop = await openShop({ faults: [{ n: 1, fault }] }, { stream: false })
    expect(await tell(shop)).toEqual({ ...stories[fault], heard: [] })
  })

  test('(slow) waits, and hears the reply when it comes', async () => {
    await using shop = await openShop({ faults: [{ n: 1, fault: 'slow' }] })
    expect(await tell(shop, (run) => void passTime(shop, run.outcome()))).toEqual(smooth)
  })

  test.for<[fault: FaultKind, heard: string[], kept: object]>([
    ['hang', [], {}],
    ['stall', ['1: One', '1:  moment.'], { text: 'One moment.' }],
  ])('(%s) waits until somebody cancels it, and hears no more', async ([fault, heard, kept]) => {
    await using shop = await openShop({ faults: [{ n: 1, fault }] })
    const story = await tell(shop, (run) => void silence(shop, run, heard.length).then(() => run.cancel('too slow')))
    expect(story).toEqual({
      heard,
      journal: ['run run.started', 'run run.cancelled'],
      outcome: { kind: 'cancelled', reason: 'too slow', ...kept },
    })
  })

  test.for<[fault: FaultKind, api: 'responses' | 'chat', timeouts: Timeouts, heard: string[]]>([
    ['slow', 'responses', { firstTokenMs: 10_000 }, []],
    ['slow', 'chat', { totalMs: 10_000 }, []],
    ['hang', 'responses', { firstTokenMs: 10_000 }, []],
    ['hang', 'chat', { firstTokenMs: 10_000, idleMs: 1_000 }, []],
    ['stall', 'responses', { firstTokenMs: 1_000, idleMs: 10_000 }, ['1: One', '1:  moment.']],
    ['stall', 'chat', { idleMs: 10_000 }, ['1: One', '1:  moment.']],
  ])(
    '(%s, over %s) that takes longer than it may (%o) is given up and asked again',
    async ([fault, api, timeouts, heard]) => {
      await using shop = await openShop({ faults: [{ n: 1, fault }] }, { api, timeouts })
      const story = await tell(
        shop,
        (run) => void silence(shop, run, heard.length).then(() => shop.clock.advance(10_000)),
      )
      const discarded = heard.length > 0 ? ['1: discarded'] : []
      expect(story).toEqual(askedAgain('timeout, again after 250 ms', ...heard, ...discarded))
    },
  )

  test('(stall, in the background) takes up the same reply, without its words on the way, and pays for it once', async () => {
    await using shop = await openShop(
      { faults: [{ n: 1, fault: 'stall' }] },
      { background: true, timeouts: { idleMs: 10_000 } },
    )
    const story = await tell(shop, (run) => void silence(shop, run, 2).then(() => shop.clock.advance(10_000)))
    expect(story).toEqual({
      heard: [...begun, ...answer],
      journal: [
        'run run.started',
        'agent:0/turn:0 model.asked',
        'agent:0/turn:0 model.failed timeout, again after 250 ms',
        `agent:0/turn:0 #2 model.replied ${asked}`,
        'agent:0/turn:0/call:0 call.returned "4711 is on its way"',
        'agent:0/turn:1 model.asked',
        'agent:0/turn:1 model.replied assistant',
        'run run.completed',
      ],
      outcome: completed,
    })
    expect((await shop.fake.invoice()).lines).toMatchObject([{ requests: 2 }])
  })

  test('covers every fault there is', () => {
    expect([...quick, 'slow', 'stall', 'hang'].toSorted()).toEqual([...faultKinds].toSorted())
  })
})

test('a run at the limit of its model waits as long as the service says', async () => {
  await using shop = await openShop({ limits: { 'gpt-4.1-mini': { requestsPerMinute: 1 } } })
  const { journal, outcome } = await tell(shop)
  expect(journal).toEqual([
    'run run.started',
    `agent:0/turn:0 model.replied ${asked}`,
    'agent:0/turn:0/call:0 call.returned "4711 is on its way"',
    'agent:0/turn:1 model.failed rate_limit_exceeded, again after 60000 ms',
    'agent:0/turn:1 #2 model.replied assistant',
    'run run.completed',
  ])
  expect(outcome).toEqual(completed)
})

test('runs get over whatever a seeded plan has, and what they count is what they were charged for', async () => {
  await using shop = await openShop({ faults: { seed: 3, rate: 0.3 } })
  const runs = await Promise.all(
    Array.from({ length: 20 }, (_, index) => shop.runtime.start(clerk, `Where is my order 4711? (${index})`)),
  )
  const ends = Promise.all(runs.map((run) => run.outcome()))
  await passTime(shop, ends)
  const outcomes = await ends
  expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'completed'))
  expect(shop.fake.faults.length).toBeGreaterThan(10)
  const { lines, costNano } = await shop.fake.invoice()
  // What was lost on its way was charged, and no run has heard how much: it says at most so much.
  const lost = shop.fake.faults.filter(({ fault }) => /reset|cut_stream|end_stream|empty_reply/.test(fault)).length
  expect(lines[0]?.requests).toBe(outcomes.reduce((sum, { totals }) => sum + totals.turns, lost))
  const said = outcomes.reduce((sum, { totals }) => sum + totals.costNano, 0)
  const guessed = outcomes.reduce((sum, { totals: { estimated = 0 } }) => sum + estimated, 0)
  expect(costNano).toBeGreaterThan(said - guessed)
  expect(costNano).toBeLessThan(said)
})

/** Lets time go by until something has come about. */
async function passTime({ clock }: Shop, ended: Promise<unknown>): Promise<void> {
  let over = false
  void ended.then(() => (over = true))
  while (!over) await clock.advance(1_000)
}

/** Waits until the fault was met, so many words were heard, and nothing more is on its way. */
async function silence({ fake }: Shop, run: Run, words: number): Promise<void> {
  let heard = 0
  run.on('text.delta', () => (heard += 1))
  await until(() => fake.faults.length > 0 && heard === words)
  await passTurns()
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate)
}

/** Lets whatever is on its way arrive. */
async function passTurns(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate)
}
