import { describe, expect, test } from 'vitest'
import type { FaultPlan } from './plan.ts'
import { faultKinds, type FaultKind } from '../script/fault-kinds.ts'
import { batching } from '../batches/batching.fixture.ts'
import type { FakeScript } from '../script/script.ts'
import { sdk } from '../sdk.fixture.ts'

const model = 'gpt-4.1-mini'

/** Makes requests in an order and tells which of them met which fault. */
async function metBy(faults: FaultPlan, inputs: readonly string[]): Promise<string[]> {
  await using service = await sdk(() => ({ text: 'Hello' }), { faults })
  for (const input of inputs) await service.client.responses.create({ model, input }).catch(() => undefined)
  return service.fake.faults.map(({ n, fault }) => `${inputs[n - 1]} ${fault}`)
}

describe('a plan of faults', () => {
  const inputs = Array.from({ length: 60 }, (_, index) => `ask ${index}`)

  test('by seed gives the same requests the same faults, whatever their order, at its rate', async () => {
    const met = await metBy({ seed: 7, rate: 0.3 }, inputs)
    expect(met.length).toBeGreaterThan(8)
    expect(met.length).toBeLessThan(28)
    expect(new Set(met.map((each) => each.split(' ')[2])).size).toBeGreaterThan(4)
    expect((await metBy({ seed: 7, rate: 0.3 }, inputs.toReversed())).toSorted()).toEqual(met.toSorted())
    expect(await metBy({ seed: 8, rate: 0.3 }, inputs)).not.toEqual(met)
  })

  test('by seed gives a request that is made again another chance', async () => {
    const met = await metBy(
      { seed: 1, rate: 0.5, kinds: ['slow_down'] },
      Array.from({ length: 40 }, () => 'the same'),
    )
    expect(met.length).toBeGreaterThan(8)
    expect(met.length).toBeLessThan(32)
  })

  test('request by request lets those fail that it names', async () => {
    const plan: FaultPlan = [
      { n: 2, fault: 'server_error' },
      { n: 3, fault: 'refusal' },
    ]
    expect(await metBy(plan, ['a', 'b', 'c', 'd'])).toEqual(['b server_error', 'c refusal'])
  })

  test('has nothing to spoil in a reply without calls, and lets it be', async () => {
    expect(await metBy([{ n: 1, fault: 'malformed_arguments' }], ['a'])).toEqual([])
  })

  test('gives way to what a script says', async () => {
    const script: FakeScript = () => ({ text: 'Hello', fault: 'conflict' })
    await using service = await sdk(script, { faults: [{ n: 1, fault: 'refusal' }] })
    await expect(service.client.responses.create({ model, input: 'Hi' })).rejects.toMatchObject({ status: 409 })
    expect(service.fake.faults).toEqual([{ n: 1, fault: 'conflict' }])
  })

  test('leaves batches alone', async () => {
    await using service = await batching(() => ({ text: 'fine' }), { faults: [{ n: 1, fault: 'refusal' }] })
    const line = { custom_id: 'a', method: 'POST', url: '/v1/responses', body: { model, input: 'Hi' } }
    const { id } = await service.submit([line], '/v1/responses')
    await service.clock.advance(600_000)
    expect(await service.client.batches.retrieve(id)).toMatchObject({ request_counts: { completed: 1 } })
    expect(service.fake.faults).toEqual([])
  })
})

/** What the SDK makes of a fault on Chat Completions, streamed: its error, or why the reply ended and what it says. */
async function chatWith(fault: FaultKind): Promise<unknown> {
  const calls = [{ name: 'get_weather', arguments: { city: 'Paris' } }]
  await using service = await sdk(() => ({ text: 'one two three four five', calls, fault }))
  const messages = [{ role: 'user' as const, content: 'Hi' }]
  try {
    const stream = await service.client.chat.completions.create({ model, messages, stream: true })
    const chunks = await Array.fromAsync(stream)
    const said = chunks.map(({ choices: [choice] }) => choice?.delta.content ?? choice?.delta.refusal ?? '').join('')
    return [chunks.at(-1)?.choices[0]?.finish_reason, said]
  } catch (error) {
    const { status, message } = error as { readonly status?: number; readonly message: string }
    return status ?? message
  }
}

describe('each fault', () => {
  const expected: Partial<Record<FaultKind, unknown>> = {
    request_timeout: 408,
    conflict: 409,
    rate_limit_exceeded: 429,
    slow_down: 429,
    server_error: 500,
    bad_gateway: 502,
    server_is_overloaded: 503,
    insufficient_quota: 429,
    credit_balance_exhausted: 429,
    project_spend_limit_exceeded: 429,
    organization_spend_limit_exceeded: 429,
    organization_usage_limit_exceeded: 429,
    invalid_request: 400,
    invalid_api_key: 401,
    forbidden: 403,
    model_not_found: 404,
    reset: 'Connection error.',
    cut_stream: 'terminated',
    end_stream: [null, 'one two three four five'],
    failed_reply: 'The server had an error processing your request. Sorry about that!',
    error_event: 'The server had an error processing your request. Sorry about that!',
    malformed_arguments: ['tool_calls', 'one two three four five'],
    unknown_tool: ['tool_calls', 'one two three four five'],
    duplicate_call_ids: ['tool_calls', 'one two three four five'],
    empty_reply: ['stop', ''],
    refusal: ['stop', "I'm sorry, but I can't help with that."],
    incomplete: ['length', 'one two thre'],
    content_filter: ['content_filter', 'one two thre'],
  }
  const slow: FaultKind[] = ['slow', 'stall', 'hang']

  test.for(faultKinds.filter((kind) => !slow.includes(kind)))('%s comes by Chat Completions too', async (kind) => {
    expect(await chatWith(kind)).toEqual(expected[kind])
  })
})
