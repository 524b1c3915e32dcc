import { describe, expect, test } from 'vitest'
import { fakeOpenAI } from '../fake-openai.ts'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { hostedItemTypes, hostedToolTypes } from '../script/body.ts'
import { type Described, hostedItems, hostedTools } from './hosted.fixture.ts'

// Reading the description takes a while, which is not the first test's.
if (openapiIsThere) openapiComplaint('InputItem', undefined)

/** What the platform takes though its description does not: an item that comes back without its id and state. */
const lenient = new Set(['id', 'status', 'request_id', 'action', 'code', 'outputs', 'result', 'pending_safety_checks'])

/** The description requires what it does not have. */
const nameless = 'local_shell_call_output call_id'

async function asking() {
  const seen: unknown[] = []
  const fake = await fakeOpenAI(({ body }) => {
    seen.push(body.input)
    return { text: 'Hello' }
  })
  const ask = async (more: object) => {
    const body = JSON.stringify({ model: 'gpt-4.1-mini', input: 'Hi', ...more })
    const headers = { authorization: 'Bearer sk-test' }
    const answer = await fetch(`${fake.url}/responses`, { method: 'POST', headers, body })
    const { error } = (await answer.json()) as { readonly error: { readonly message: string; readonly code: string } }
    return answer.ok ? 'ok' : `${answer.status} ${error.code}: ${error.message}`
  }
  return { ask, seen, [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose]() }
}

/** Each of some objects, with one of its fields less. */
function lessOne(objects: readonly Described[]): { readonly what: string; readonly less: Described; field: string }[] {
  return objects.flatMap((object) =>
    Object.keys(object)
      .filter((field) => field !== 'type' && !lenient.has(field) && `${object.type} ${field}` !== nameless)
      .map((field) => {
        const less = Object.fromEntries(Object.entries(object).filter(([name]) => name !== field)) as Described
        return { what: `${object.type} without ${field}`, less, field }
      }),
  )
}

describe('a request with an item of each type', () => {
  test('is taken, and the items reach the script as they are', async () => {
    await using service = await asking()
    const model = { type: 'message', role: 'assistant', content: 'So.' }
    // What was reasoned comes with what came of it.
    const input = hostedItems.toSpliced(1, 0, model as unknown as Described)
    expect(await service.ask({ input })).toBe('ok')
    expect(service.seen).toEqual([input])
    const types = hostedItems.map(({ type }) => type)
    expect(types.toSorted()).toEqual(hostedItemTypes.filter((type) => type !== 'item_reference').toSorted())
    if (openapiIsThere)
      for (const item of hostedItems) expect([item, openapiComplaint('InputItem', item)]).toEqual([item, undefined])
  })

  test.skipIf(!openapiIsThere)('is refused where one lacks what the platform describes as required', async () => {
    await using service = await asking()
    const verdicts: [what: string, verdict: string][] = []
    const wanted: typeof verdicts = []
    for (const { what, less, field } of lessOne(hostedItems)) {
      if (openapiComplaint('InputItem', less) === undefined) continue
      verdicts.push([what, await service.ask({ input: [less, { role: 'user', content: 'Hi' }] })])
      wanted.push([what, `400 missing_required_parameter: Missing required parameter: 'input[0].${field}'.`])
    }
    expect(verdicts).toEqual(wanted)
  })
})

describe('a request with a tool of each type', () => {
  test('is taken', async () => {
    await using service = await asking()
    expect(await service.ask({ tools: hostedTools })).toBe('ok')
    expect(hostedTools.map(({ type }) => type)).toEqual(hostedToolTypes)
    if (openapiIsThere)
      for (const tool of hostedTools) expect([tool, openapiComplaint('Tool', tool)]).toEqual([tool, undefined])
  })

  test.skipIf(!openapiIsThere)('is refused where one lacks what the platform describes as required', async () => {
    await using service = await asking()
    for (const { what, less, field } of lessOne(hostedTools)) {
      const verdict = await service.ask({ tools: [less] })
      const isRequired = openapiComplaint('Tool', less) !== undefined
      const complaint = `400 missing_required_parameter: Missing required parameter: 'tools[0].${field}'.`
      expect([what, verdict]).toEqual([what, isRequired ? complaint : 'ok'])
    }
  })

  test.for<[choice: object, verdict: string]>([
    [{ type: 'custom', name: 'sql' }, 'ok'],
    [{ type: 'file_search' }, 'ok'],
    [{ type: 'computer_use' }, 'ok'],
    [{ type: 'mcp', server_label: 'a' }, 'ok'],
    [{ type: 'allowed_tools', mode: 'auto', tools: [{ type: 'custom', name: 'sql' }, { type: 'shell' }] }, 'ok'],
    [{ type: 'custom', name: 'sqm' }, "400 null: Tool choice 'sqm' not found in 'tools' parameter."],
  ])('may choose %j: %s', async ([choice, verdict]) => {
    await using service = await asking()
    expect(await service.ask({ tools: hostedTools, tool_choice: choice })).toBe(verdict)
  })

  test('may not choose a tool that it does not have', async () => {
    await using service = await asking()
    const request = { tools: [{ type: 'web_search' }], tool_choice: { type: 'file_search' } }
    expect(await service.ask(request)).toBe("400 null: Tool choice 'file_search' not found in 'tools' parameter.")
  })
})

describe('a request that goes on from what the platform put out', () => {
  const user = { role: 'user', content: 'And then?' }
  const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' }
  const said = { type: 'message', role: 'assistant', content: 'So.' }
  const custom = { type: 'custom_tool_call', call_id: 'b', name: 'sql', input: '1' }
  const alone = "400 null: Item 'rs_1' of type 'reasoning' was provided without its required following item."
  test.for<[what: string, input: object[], verdict: string]>([
    ['with what came of it', [reasoning, said, user], 'ok'],
    ['in two parts', [reasoning, { ...reasoning, id: 'rs_2' }, said, user], 'ok'],
    ['without an id', [{ type: 'reasoning', summary: [] }, user], 'ok'],
    ['and ends with what was reasoned', [user, reasoning], alone],
    ['with what was reasoned, and no answer', [reasoning, user], alone],
    [
      'with an id of another type',
      [{ ...said, id: 'item_1' }],
      "400 invalid_value: Invalid 'input[0].id': 'item_1'. Expected an ID that begins with 'msg'.",
    ],
    [
      'with an id that is too long',
      [{ ...reasoning, id: `rs_${'x'.repeat(62)}` }, said],
      "400 string_above_max_length: Invalid 'input[0].id': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
    ],
    ['without what came of a call', [custom], '400 null: No tool output found for custom tool call b.'],
    [
      'without the call',
      [{ type: 'custom_tool_call_output', call_id: 'b', output: '1' }],
      '400 null: No tool call found for custom tool call output with call_id b.',
    ],
    [
      'with an output of another kind',
      [custom, { type: 'function_call_output', call_id: 'b', output: '1' }],
      '400 null: No tool call found for function call output with call_id b.',
    ],
  ])('%s is held to the pairs', async ([, input, verdict]) => {
    await using service = await asking()
    expect(await service.ask({ input })).toBe(verdict)
  })

  test('has what was reasoned looked up, unless it comes along encrypted', async () => {
    await using fake = await fakeOpenAI(({ n }) => ({
      ...(n <= 2 && { items: [{ type: 'reasoning', summary: [] }] }),
      text: 'So.',
    }))
    const ask = async (more: object) => {
      const body = JSON.stringify({ model: 'gpt-4.1-mini', ...more })
      const answer = await fetch(`${fake.url}/responses`, {
        method: 'POST',
        headers: { authorization: 'Bearer x' },
        body,
      })
      return (await answer.json()) as { readonly output: readonly { readonly id: string }[]; readonly error: object }
    }
    const [kept, forgotten] = [await ask({ input: 'Hi' }), await ask({ input: 'Hi', store: false })]
    const again = ({ output }: typeof kept, more: object) =>
      output.map((item, index) => (index === 0 ? { ...item, ...more } : item))
    const plain = { encrypted_content: null }
    expect(await ask({ input: again(kept, plain), store: false })).toMatchObject({ status: 'completed' })
    expect(await ask({ input: again(forgotten, {}), store: false })).toMatchObject({ status: 'completed' })
    const id = forgotten.output[0]?.id
    expect(await ask({ input: again(forgotten, plain), store: false })).toMatchObject({
      error: { message: expect.stringContaining(`Item with id '${id}' not found. Items are not persisted`) as string },
    })
  })

  test('brings what was reasoned with what came of it, where that is kept and has its id', async () => {
    const items = [{ type: 'reasoning', summary: [] }]
    await using fake = await fakeOpenAI(({ n }) => ({ ...(n === 1 && { items }), text: 'So.' }))
    const ask = async (more: object) => {
      const body = JSON.stringify({ model: 'gpt-4.1-mini', ...more })
      const headers = { authorization: 'Bearer x' }
      const answer = await fetch(`${fake.url}/responses`, { method: 'POST', headers, body })
      return (await answer.json()) as { readonly id: string; readonly output: readonly Described[] }
    }
    const { id, output } = await ask({ input: 'Hi' })
    const [reasoned, message] = output
    const message400 = `Item '${String(message?.['id'])}' of type 'message' was provided without its required 'reasoning' item: '${String(reasoned?.['id'])}'.`
    const refused = { error: { message: message400, type: 'invalid_request_error', param: 'input', code: null } }
    expect(await ask({ input: [message, user] })).toEqual(refused)
    expect(await ask({ input: [{ type: 'item_reference', id: message?.['id'] }, user] })).toEqual(refused)
    expect(await ask({ input: [...output, user] })).toMatchObject({ status: 'completed' })
    expect(await ask({ input: [{ ...message, id: undefined }, user] })).toMatchObject({ status: 'completed' })
    expect(await ask({ input: [user], previous_response_id: id })).toMatchObject({ status: 'completed' })
  })
})
