import { retail, runEval } from '@reprise/evals'
import { Crash, crashing, memoryStore, type ModelScript } from '@reprise/testing'
import { expect, test } from 'vitest'
import { asked, open, priced } from './shop.fixture.ts'

/** What customers write, by their name; the desk is told it in its transcript. */
const customers: ModelScript = ({ instructions, items }) => {
  const [first] = items
  const seen = first?.kind === 'user' ? first.text : ''
  const turns = seen.split('\n').filter((line) => line.startsWith('You: ')).length
  const want = instructions.split('What you want:\n')[1] ?? ''
  if (turns === 0) return priced({ text: `Hello. ${want}` })
  if (turns === 1) return priced({ text: want.includes('you say no') ? 'No, leave it.' : 'Yes.' })
  return priced({ text: 'END' })
}

/** A desk that knows what to do for each customer, and does it once they have said yes. */
const desk: ModelScript = (request) => {
  const { said, results } = asked(request)
  const confirmed = said.includes('Customer: Yes.')
  const email = /[\w.]+@[\w.]+example/.exec(said)?.[0] ?? ''
  if (!confirmed)
    return results.length === 0
      ? priced({ calls: [{ name: 'find_customer', arguments: { email } }] })
      : priced({ text: 'Shall I?' })
  const call = callFor(said)
  if (results.length > 0 || !call) return priced({ text: `Done: ${results.join(' ')} 58 R1007 125 15` })
  return priced({ calls: [call] })
}

function callFor(said: string) {
  if (said.includes('no longer need'))
    return { name: 'cancel_order', arguments: { order_id: 'R1002', reason: 'no longer needed' } }
  if (said.includes('for a black one'))
    return { name: 'exchange_item', arguments: { order_id: 'R1001', item_id: 'lamp-brass', new_item_id: 'lamp-black' } }
  if (said.includes('for a white one'))
    return { name: 'return_items', arguments: { order_id: 'R1001', item_ids: ['lamp-brass'] } }
  if (said.includes('moved'))
    return { name: 'change_address', arguments: { order_id: 'R1007', address: '11 North Street, Larksund' } }
  if (said.includes('red mug')) return { name: 'return_items', arguments: { order_id: 'R1005', item_ids: ['mug-red'] } }
  return undefined
}

const right: ModelScript = (request, nth, signal) =>
  (request.card.agent === 'retail-desk' ? desk : customers)(request, nth, signal)

test('a desk that does what is right, and nothing else, serves all customers each time', async () => {
  const evaluation = retail({ model: 'gpt-4.1-mini', repeat: 2 })
  const { runtime } = open(evaluation, memoryStore(), right)
  const { result, report } = await runEval(evaluation, { runtime })
  expect(result.unfinished).toEqual([])
  expect(
    result.rows
      .flatMap(({ id, trials }) => trials.map(({ why }) => [id, why]))
      .filter(([, why]) => Object.keys(why ?? {}).length > 0),
  ).toEqual([])
  expect(report.passHat.map(({ name, mean }) => [name, mean?.estimate])).toEqual([
    ['passHat1', 1],
    ['passHat2', 1],
  ])
})

test('a desk that does what nobody has confirmed, or says too little, does not', async () => {
  const evaluation = retail({ model: 'gpt-4.1-mini', user: 'gpt-4.1', repeat: 1 })
  const { runtime } = open(evaluation, memoryStore(), (request, nth, signal) => {
    const { said, results } = asked(request)
    if (request.card.agent !== 'retail-desk' || !said.includes('by mistake')) return right(request, nth, signal)
    return results.length === 0
      ? priced({ calls: [{ name: 'cancel_order', arguments: { order_id: 'R1007', reason: 'ordered by mistake' } }] })
      : priced({ text: 'It is cancelled.' })
  })
  const { result } = await runEval(evaluation, { runtime })
  const row = result.rows.find(({ id }) => id === 'second-thoughts')
  expect(row?.trials[0]).toMatchObject({
    success: false,
    scores: { shop: 0, told: 1 },
    why: {
      shop: 'done was [{"arguments":{"order_id":"R1007","reason":"ordered by mistake"},"name":"cancel_order"}], and should be []',
    },
  })
  const models = (await runtime.runs.list({ limit: 1_000 })).map(({ name }) => name)
  expect(new Set(models)).toEqual(new Set(['retail-conversation', 'retail-desk', 'retail-customer']))
})

test('what was done in a turn, and in those before, is seen in the next call', async () => {
  const evaluation = retail({ model: 'gpt-4.1-mini', repeat: 1 })
  const told: string[] = []
  const { runtime } = open(evaluation, memoryStore(), (request, nth, signal) => {
    const { said, results } = asked(request)
    if (request.card.agent !== 'retail-desk' || !said.includes('no longer need')) return right(request, nth, signal)
    if (results.length < 2)
      return priced({ calls: [{ name: 'cancel_order', arguments: { order_id: 'R1002', reason: 'no longer needed' } }] })
    told.push(...results)
    return priced({ text: 'Done.' })
  })
  const { result } = await runEval(evaluation, { runtime })
  expect(result.rows[0]?.trials[0]?.scores).toEqual({ shop: 1, told: 1 })
  expect(told[0]).toContain('"status":"cancelled"')
  const refused = 'Order R1002 is cancelled. Only a pending order can be cancelled.'
  expect(told.slice(1)).toEqual([refused, refused, refused])
})

test('a conversation that dies after any write goes on where it stood', { tags: 'slow' }, async () => {
  const one = () => {
    const evaluation = retail({ model: 'gpt-4.1-mini', repeat: 1 })
    const { data } = evaluation
    return { ...evaluation, data: Array.isArray(data) ? data.slice(0, 1) : data }
  }
  const counted = crashing(memoryStore(), { at: Infinity, side: 'after' })
  const evaluation = one()
  const whole = open(evaluation, counted, right)
  const { result } = await runEval(evaluation, { runtime: whole.runtime })
  expect(result.rows[0]?.trials[0]?.success).toBe(true)
  for (let at = 1; at < counted.commits; at++) {
    const kept = memoryStore()
    const first = one()
    const dying = open(first, crashing(kept, { at, side: 'after' }), right)
    await runEval(first, { runtime: dying.runtime }).catch((error: unknown) => {
      if (!(error instanceof Crash)) expect(String(error)).toContain('This process is dead')
    })
    const second = one()
    const next = open(second, kept, right)
    const after = await runEval(second, { runtime: next.runtime })
    expect(after.result.rows[0]?.trials[0], `write ${at}`).toMatchObject({
      success: true,
      scores: { shop: 1, told: 1 },
    })
    expect(dying.model.requests + next.model.requests, `write ${at}`).toBe(whole.model.requests)
  }
})
