// A backtest as a whole: which runs, what it costs, what is kept, what is summed up, and how it ends before its end.
import { manualClock, memoryStore, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type BacktestResults,
  createRuntime,
  defineAgent,
  DefinitionError,
  type Model,
  ModelError,
  requestAt,
  type SavedAnswer,
  type Store,
} from '../src/index.ts'
import {
  clerk,
  find,
  playing,
  poet,
  priced,
  readOnly,
  recorded,
  runtimeOn,
  says,
  scripts,
  world,
} from './backtest.fixture.ts'

afterEach(() => {
  world.frozen = false
})

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const findA = { name: 'find', arguments: { id: 'a' } }

/** Records some runs of the poet, each of which costs as much. */
async function poems(
  count: number,
  model: Model = scriptedModel(() => priced({ text: 'Rain.' }, 0.01)),
): Promise<Store> {
  const store = memoryStore()
  await using runtime = createRuntime({ store, models: model, definitions: [poet] })
  for (let at = 0; at < count; at++) await (await runtime.start(poet, `spring ${at}`, { id: `p${at}` })).result()
  return store
}

const poetOn = (store: Store, models: Model, more = {}) =>
  createRuntime({ store: readOnly(store), models, definitions: [poet], log: quiet, ...more })

describe('the runs that are backtested', () => {
  it('are those that fit, the newest first, and of a workflow the agents below it, each once', async () => {
    await using runtime = runtimeOn(readOnly(await recorded()), playing())
    const ids = async (filter: Parameters<typeof runtime.backtest>[0]): Promise<readonly string[]> =>
      (await runtime.backtest(filter, { model: 'luna' })).runs.map(({ runId }) => runId)
    expect(await ids({ name: 'flow' })).toEqual(['flow/agent:poet'])
    expect(await ids({ name: 'poet' })).toEqual(['flow/agent:poet', 'spring'])
    expect(await ids({ name: 'poet', order: 'oldest' })).toEqual(['spring', 'flow/agent:poet'])
    expect(await ids({ tag: 'shift', limit: 2 })).toEqual(['doubt', 'fork'])
    expect(await ids({ ids: ['flow', 'plain', 'flow/agent:poet'] })).toEqual(['flow/agent:poet', 'plain'])
    await expect(ids({ ids: ['nowhere'] })).rejects.toThrow('There is no run "nowhere"')
  })

  it('are skipped, and counted, where they cannot be: a definition or an agent that is gone, a run that was erased', async () => {
    const store = await poems(2)
    await using eraser = createRuntime({ store, models: playing(), definitions: [poet] })
    await eraser.erase('p0', { by: 'ana' })
    const other = defineAgent({ name: 'other', model: 'mini', instructions: '' })
    await using runtime = createRuntime({ store, models: playing(), definitions: [other] })
    const { runs, skipped, all } = await runtime.backtest({}, { model: 'luna' })
    expect(skipped).toEqual({ unregistered: 1, run_erased: 1 })
    expect(runs.map(({ status }) => status)).toEqual(['skipped', 'skipped'])
    expect(all.runs).toBe(0)
  })

  it('are all there before the first is asked again: a wrong id costs nothing', async () => {
    const model = scriptedModel(() => priced({ text: 'Rain.' }, 1))
    await using runtime = poetOn(await poems(2), model)
    await expect(runtime.backtest({ ids: ['p0', 'p1', 'gone'] }, { model: 'luna' })).rejects.toThrow('"gone"')
    expect(model.requests).toBe(0)
  })

  it('are refused where nothing is tried, or an option is wrong', async () => {
    await using runtime = poetOn(await poems(0), playing())
    const refused = async (options: unknown, filter: unknown = {}): Promise<string> => {
      // A program without types may give anything.
      const error: unknown = await runtime.backtest(filter as never, options as never).catch((error: unknown) => error)
      if (!(error instanceof DefinitionError)) throw new Error('It was taken')
      return error.code
    }
    expect(await refused({})).toBe('no_candidate')
    expect(await refused(undefined)).toBe('bad_argument')
    for (const wrong of [
      { model: '\uD800' },
      { settings: 1 },
      { definitions: [1] },
      { concurrency: 0 },
      { concurrency: 1.5 },
      { concurrency: 1_001 },
      { budget: { usd: 0 } },
      { unrecorded: 'go on' },
      { ignore: 'pay.why' },
      { ignore: ['pay'] },
      { ignore: ['output.items[0].note'] },
      { judge: 1 },
      { onRun: 1 },
      { results: {} },
    ])
      expect(await refused({ model: 'luna', ...wrong })).toMatch(/^bad_/)
    for (const filter of [null, { limit: 0 }, { ids: 'p0' }, { ids: [1] }, { order: 'any' }])
      expect(await refused({ model: 'luna' }, filter)).toMatch(/^bad_/)
  })
})

describe('what is tried', () => {
  it('is a model with the recorded texts, whatever today’s definitions say', async () => {
    const store = await poems(1)
    const models = playing({ luna: { 'spring 0': [{ text: 'Rain.' }] } })
    const today = defineAgent({ name: 'poet', model: 'large', instructions: 'Write a novel.', settings: { topP: 1 } })
    await using runtime = createRuntime({ store: readOnly(store), models, definitions: [today] })
    await runtime.backtest({}, { model: 'luna', settings: { temperature: 0 } })
    expect(models.asked.map(({ card, instructions }) => [card.model, card.settings, instructions])).toEqual([
      ['luna', { temperature: 0 }, 'Write one line.'],
    ])
  })

  it('is today’s definitions, or others, with their own texts and models, or with another model', async () => {
    const store = await poems(1)
    const script = { 'spring 0': [{ text: 'Rain.' }] }
    const models = playing({ luna: script, large: script, vast: script })
    const agent = (model: string) =>
      defineAgent({ name: 'poet', model, instructions: `As ${model}.`, settings: { topP: 1, temperature: 1 } })
    await using runtime = createRuntime({ store: readOnly(store), models, definitions: [agent('large')] })
    await runtime.backtest({}, { definitions: 'today' })
    await runtime.backtest({}, { definitions: [agent('vast')] })
    const both = { definitions: [agent('vast')], model: 'luna', settings: { temperature: undefined } }
    const { candidate } = await runtime.backtest({}, both)
    expect(candidate).toEqual({ model: 'luna', settings: {}, texts: 'definitions' })
    expect(models.asked.map(({ card, instructions }) => [card.model, card.settings.temperature, instructions])).toEqual(
      [
        ['large', 1, 'As large.'],
        ['vast', 1, 'As vast.'],
        ['luna', undefined, 'As vast.'],
      ],
    )
    const { skipped } = await runtime.backtest({}, { definitions: [find as never, clerk].slice(1) })
    expect(skipped).toEqual({ unregistered: 1 })
  })
})

describe('the journals of both sides', () => {
  it('are kept where that is asked for, and say what the candidate’s model was sent', async () => {
    const models = playing()
    await using runtime = runtimeOn(readOnly(await recorded()), models)
    const { runs } = await runtime.backtest({ ids: ['route'] }, { model: 'luna', keep: true })
    const { recorded: was, candidate: is } = runs[0] ?? {}
    expect(is?.entries?.map(({ kind, key }) => `${kind} ${key}`)).toEqual(
      was?.entries?.map(({ kind, key }) => `${kind} ${key}`),
    )
    const asks = is?.entries?.filter(({ kind }) => kind === 'model.replied') ?? []
    for (const [at, { seq }] of asks.entries()) {
      const { card, instructions, items } = requestAt(is?.entries ?? [], seq)
      expect({ card, instructions, items }).toMatchObject({
        card: models.asked[at]?.card,
        instructions: models.asked[at]?.instructions,
        items: models.asked[at]?.items,
      })
    }
    expect(models.asked.map(({ today }) => today)).toEqual(
      asks.map(() => new Date(was?.entries?.[0]?.at ?? 0).toISOString().slice(0, 10)),
    )
  })
})

describe('a model that fails', () => {
  it('is asked again as the agent says, and the run is failed where that is no use', async () => {
    const store = await poems(2)
    const clock = manualClock({ now: Date.now() })
    let nth = 0
    const flaky = scriptedModel(({ items }) => {
      const [first] = items
      if (first?.kind === 'user' && first.text === 'spring 0')
        return new ModelError({ code: 'bad_request', message: 'No.' })
      return nth++ === 0 ? new ModelError({ code: 'busy', message: 'Later.', retryable: true }) : { text: 'Rain.' }
    })
    await using runtime = poetOn(store, flaky, { clock, random: () => 0.5 })
    const done = runtime.backtest({}, { model: 'luna' })
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve))
    await clock.advance(60_000)
    const { runs, all } = await done
    expect(runs.map(({ runId, status, problem }) => [runId, status, problem?.code])).toEqual([
      ['p1', 'same', undefined],
      ['p0', 'failed', 'bad_request'],
    ])
    expect(all).toMatchObject({ runs: 2, same: 1, failed: 1 })
  })

  it('ends the backtest where all other runs would fail too, with what was done by then', async () => {
    const store = await poems(4)
    let nth = 0
    const spent = scriptedModel(() =>
      nth++ < 2 ? { text: 'Rain.' } : new ModelError({ code: 'insufficient_quota', message: 'Pay.', mendable: true }),
    )
    await using runtime = poetOn(store, spent)
    const { runs, partial } = await runtime.backtest({}, { model: 'luna', concurrency: 1 })
    expect(runs).toHaveLength(2)
    expect(partial).toEqual({ why: 'model', problem: { code: 'insufficient_quota', message: 'Pay.' }, left: 2 })
    await expect(runtime.backtest({}, { model: 'luna' })).rejects.toThrow('Pay.')
  })
})

describe('the budget of a backtest', () => {
  const costs = (usd: number): Model => scriptedModel(() => priced({ text: 'Rain.' }, usd))
  const reserving = (usd: number, most: number): Model => ({
    ask: (request, signal) => costs(usd).ask(request, signal),
    reserve: async () => ({ costNano: most * 1e9 }),
  })

  it('lets no ask begin once it is spent', async () => {
    await using runtime = poetOn(await poems(10), costs(0.3))
    const report = await runtime.backtest({}, { model: 'luna', budget: { usd: 1 }, concurrency: 1 })
    expect(report.asked).toEqual({ asks: 4, reused: 0, costNano: 1_200_000_000, unpriced: 0 })
    expect(report.partial).toMatchObject({ why: 'budget', left: 6 })
    expect(report.partial?.problem.message).toBe(
      'The budget of the backtest is $1.000000, and $1.200000 is spent, and the next ask may cost $0.000000. Raise it to go on.',
    )
  })

  it('is never exceeded where the model says what an ask may cost at most, however many runs go on at a time', async () => {
    await using runtime = poetOn(await poems(10), reserving(0.2, 0.3))
    const { asked, partial, runs } = await runtime.backtest({}, { model: 'luna', budget: { usd: 1 }, concurrency: 8 })
    expect(asked).toMatchObject({ asks: 4, costNano: 800_000_000 })
    expect([runs.length, partial?.left]).toEqual([4, 6])
  })

  it('is not spent by asks that nobody could make: the model’s own reason is told, and no price is unknown', async () => {
    const refusing = new ModelError({ code: 'insufficient_quota', message: 'Pay.', mendable: true })
    const model = { ...reserving(0.2, 0.3) }
    let nth = 0
    const ask: Model['ask'] = (request, signal) =>
      (nth++ === 0 ? costs(0.2) : scriptedModel(() => refusing)).ask(request, signal)
    await using runtime = poetOn(await poems(9), { ...model, ask })
    const { asked, partial } = await runtime.backtest({}, { model: 'luna', budget: { usd: 0.6 }, concurrency: 3 })
    expect(partial).toMatchObject({ why: 'model', problem: { message: 'Pay.' }, left: 8 })
    expect(asked).toMatchObject({ costNano: 200_000_000, unpriced: 0 })
  })

  it('cannot be kept with an unknown price, and ends with the first ask of one', async () => {
    await using runtime = poetOn(
      await poems(3),
      scriptedModel(() => ({ text: 'Rain.' })),
    )
    const { asked, partial } = await runtime.backtest({}, { model: 'luna', budget: { usd: 1 }, concurrency: 1 })
    expect(asked).toMatchObject({ asks: 1, unpriced: 1 })
    expect(partial?.problem.message).toContain('an ask has no known price')
  })
})

describe('a backtest that is broken off', () => {
  /** Keeps what it is given as a file would, as text. */
  function kept(): BacktestResults & { readonly lines: string[] } {
    const lines: string[] = []
    return {
      lines,
      load: async () => lines.map((line) => JSON.parse(line) as SavedAnswer),
      save: async (answer) => void lines.push(JSON.stringify(answer)),
    }
  }

  it('goes on where it was, wherever that was: nothing is asked twice', { tags: 'slow' }, async () => {
    const store = await recorded()
    const options = { model: 'luna', unrecorded: { simulate: () => 'done' }, judge: () => judged() } as const
    let verdicts = 0
    const judged = () => {
      verdicts++
      return { verdict: 'worse', why: 'It is.' } as const
    }
    const luna = {
      plain: [{ calls: [findA] }, { calls: [{ name: 'mail', arguments: { to: 'eve' } }] }, says(13)],
      spring: [{ text: 'Sun.' }],
    }
    const whole = playing({ luna })
    await using runtime = runtimeOn(readOnly(store), whole)
    const all = await runtime.backtest({}, options)
    const once = verdicts
    for (let at = 0; at <= whole.requests; at += 5) {
      verdicts = 0
      const results = kept()
      const dying = playing({ luna })
      const abort = new AbortController()
      const stopping: BacktestResults = {
        load: () => results.load(),
        save: async (answer) => {
          if (abort.signal.aborted) throw new Error('The process is dead')
          await results.save(answer)
          if (results.lines.length >= at) abort.abort(new Error('killed'))
        },
      }
      await using first = runtimeOn(readOnly(store), dying)
      await expect(
        first.backtest({}, { ...options, concurrency: 1, results: stopping, signal: abort.signal }),
      ).rejects.toThrow('killed')
      const again = playing({ luna })
      await using second = runtimeOn(readOnly(store), again)
      const { runs, all: sums, asked } = await second.backtest({}, { ...options, results })
      expect(dying.requests + again.requests).toBe(whole.requests)
      expect(verdicts).toBe(once)
      expect(asked.reused).toBe(whole.requests - again.requests)
      expect(runs.map(({ runId, status }) => [runId, status])).toEqual(
        all.runs.map(({ runId, status }) => [runId, status]),
      )
      expect(sums).toMatchObject({ same: all.all.same, changed: all.all.changed })
    }
  })

  it('asks another candidate anew', async () => {
    const store = await poems(2)
    const results = kept()
    const models = scriptedModel(() => ({ text: 'Rain.' }))
    await using runtime = poetOn(store, models)
    await runtime.backtest({}, { model: 'luna', results })
    await runtime.backtest({}, { model: 'luna', results })
    expect(models.requests).toBe(2)
    await runtime.backtest({}, { model: 'sol', results })
    await runtime.backtest({}, { model: 'luna', settings: { temperature: 0 }, results })
    expect(models.requests).toBe(6)
  })

  it('rejects with the reason of its signal', async () => {
    await using runtime = poetOn(
      await poems(2),
      scriptedModel(() => ({ text: 'Rain.' })),
    )
    const abort = new AbortController()
    const onRun = (): void => abort.abort(new Error('enough'))
    await expect(runtime.backtest({}, { model: 'luna', signal: abort.signal, onRun })).rejects.toThrow('enough')
  })

  it('begins no more runs when somebody’s function throws', async () => {
    const models = scriptedModel(() => ({ text: 'Rain.' }))
    await using runtime = poetOn(await poems(20), models)
    const onRun = (): never => {
      throw new Error('oops')
    }
    await expect(runtime.backtest({}, { model: 'luna', onRun })).rejects.toThrow('oops')
    expect(models.requests).toBeLessThanOrEqual(4)
  })
})

describe('a judge', () => {
  it('says of each run that was compared to its end how it is beside the recorded one', async () => {
    const store = await poems(3)
    const models = scriptedModel(({ items }) => {
      const [first] = items
      const said = first?.kind === 'user' ? first.text : ''
      return { text: said === 'spring 0' ? 'Rain.' : said === 'spring 1' ? 'Sun.' : 'Hail.' }
    })
    await using runtime = poetOn(store, models)
    const seen: unknown[] = []
    const { runs, all } = await runtime.backtest(
      {},
      {
        model: 'luna',
        judge: ({ runId, recorded, candidate }) => {
          seen.push([runId, recorded.outcome, candidate.outcome, recorded.entries.length, candidate.entries.length])
          if (runId === 'p2') throw new Error('no idea')
          return { score: 0.75, why: 'Warmer.' }
        },
      },
    )
    expect(seen).toEqual([
      ['p2', { kind: 'completed', output: 'Rain.' }, { kind: 'completed', output: 'Hail.' }, 3, 3],
      ['p1', { kind: 'completed', output: 'Rain.' }, { kind: 'completed', output: 'Sun.' }, 3, 3],
    ])
    expect(runs.map(({ verdict }) => verdict)).toEqual([
      { failed: 'no idea' },
      { score: 0.75, why: 'Warmer.' },
      { verdict: 'equal', why: 'The same calls, and the same answer to the letter.' },
    ])
    expect(all.verdicts).toMatchObject({ better: 1, equal: 1, worse: 0, failed: 1, score: { estimate: 0.625 } })
  })
})

describe('the sums of a backtest', () => {
  it('say what is more, how sure that is, and how many runs would show it', async () => {
    const store = await poems(8)
    const dearer = (usd: number): Model => scriptedModel(() => priced({ text: 'Sun.' }, usd, 20))
    await using runtime = poetOn(store, dearer(0.02))
    const { all, byAgent } = await runtime.backtest({}, { model: 'luna' })
    expect(all.figures.costNano).toMatchObject({
      runs: 8,
      recorded: 10_000_000,
      candidate: 20_000_000,
      difference: { estimate: 10_000_000 },
      ratio: { estimate: 2 },
      chance: { up: 8, down: 0, p: 0.0078125, runsNeeded: null },
    })
    expect(all.figures.costNano.chance.words).toBe(
      'The candidate costs more in 8 of the 8 runs that differ. If it were chance, each of them might as well have come out the other way, and so uneven a split, or more so, would be seen in 0.78 in 100 such backtests.',
    )
    expect(byAgent['poet']).toEqual(all)
    expect(all.share).toMatchObject({ estimate: 1, n: 8 })
    const few = await runtime.backtest({ limit: 3 }, { model: 'luna' })
    expect(few.all.figures.costNano.chance).toMatchObject({ p: 0.25, runsNeeded: 6 })
    expect(JSON.parse(JSON.stringify(few))).toEqual(JSON.parse(JSON.stringify({ ...few })))
  })

  it('leave out what has no price, and count it', async () => {
    await using runtime = poetOn(
      await poems(2),
      scriptedModel(() => ({ text: 'Rain.' })),
    )
    const { all } = await runtime.backtest({}, { model: 'luna' })
    expect(all.unpriced).toEqual({ recorded: 0, candidate: 2 })
    expect(all.figures.costNano).toMatchObject({ runs: 0, chance: { words: 'No run could be compared.' } })
  })

  it('tell the agents of a team apart', async () => {
    const luna: Record<string, readonly ScriptedAnswer[]> = {
      route: [...(scripts['route'] ?? []).slice(0, 1), { text: 'No idea.' }],
    }
    await using runtime = runtimeOn(readOnly(await recorded()), playing({ luna }))
    const { byAgent } = await runtime.backtest({ ids: ['route'] }, { model: 'luna' })
    expect(Object.keys(byAgent)).toEqual(['triage', 'orders'])
    expect(byAgent['triage']).toMatchObject({ runs: 1, same: 1, changed: 0, figures: { turns: { candidate: 1 } } })
    expect(byAgent['orders']).toMatchObject({ runs: 1, same: 0, changed: 1, changes: { 'left out': 1 } })
  })
})

describe('an estimate', () => {
  it('says how many asks, and what they cost at most, and asks nothing', async () => {
    const asked: string[] = []
    const models: Model = {
      ask() {
        throw new Error('It asks')
      },
      reserve: async ({ card, items }) => {
        asked.push(`${card.model} ${items.length}`)
        return { costNano: 1_000 }
      },
    }
    await using runtime = runtimeOn(readOnly(await recorded()), models)
    const estimate = await runtime.estimateBacktest({ ids: ['parallel', 'route'] }, { model: 'luna' })
    expect(estimate).toMatchObject({
      runs: 2,
      asks: 6,
      atMostNano: 6_000,
      skipped: {},
      recorded: { turns: 6, calls: 6 },
    })
    expect(asked).toEqual(['luna 1', 'luna 5', 'luna 11', 'luna 1', 'luna 3', 'luna 5'])
    await using other = runtimeOn(readOnly(await recorded()), playing())
    expect(await other.estimateBacktest({ ids: ['plain'] }, { model: 'luna' })).toMatchObject({ atMostNano: undefined })
  })
})
