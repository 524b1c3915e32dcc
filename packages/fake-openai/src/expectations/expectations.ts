import { ApiError } from '../http/api-error.ts'
import { type ContentPart, type InputItem, isCall, isMessage, isOutput } from '../script/body.ts'
import type { FakeAnswer, FakeAsk, FakeScript } from '../script/script.ts'
import { type Expectation, type ExpectedAsk, parseExpectations } from './expectation.ts'

/**
 * Makes a script of expectations: the first that fits a request answers it, however often. A request that none fits is
 * answered with an error that says so.
 *
 * @param source what complaints call them: the name of a file.
 * @throws DefinitionError where they are not as they must be, in one line that names the place.
 * @example
 * ```ts
 * import { expectations, fakeOpenAI } from '@reprise/fake-openai'
 *
 * const script = expectations([
 *   { when: { user: 'weather' }, reply: { calls: [{ name: 'get_weather', arguments: { city: 'Paris' } }] } },
 *   { when: { tool: 'get_weather', result: 'rain' }, reply: { text: 'Take an umbrella.' } },
 *   { reply: { text: 'Hello.' } },
 * ])
 * await using fake = await fakeOpenAI(script)
 * ```
 */
export function expectations(list: readonly Expectation[], source = 'expectations'): FakeScript {
  const parsed = parseExpectations(list, source)
  return (ask) => {
    const said = lastSaid(ask.body.input)
    const found = parsed.find(({ when = {} }) => fits(when, said, ask))
    if (found) return answerOf(found)
    const message = `None of the ${parsed.length} expectations fits: ${describe(said)}, asked of ${ask.model}.`
    throw new ApiError(message, { status: 500, headers: { 'x-should-retry': 'false' } })
  }
}

/** What stands at the end of a conversation: the user's words, and the results of calls that came after them. */
interface LastSaid {
  readonly user: string
  readonly results: readonly { readonly tool: string; readonly text: string }[]
}

function lastSaid(input: readonly InputItem[]): LastSaid {
  const user = input.filter(isMessage).findLast(({ role }) => role === 'user')
  const after = input.slice(input.findLastIndex((item) => !isOutput(item)) + 1)
  const calls = new Map(input.flatMap((item) => (isCall(item) ? [[item.call_id, item.name]] : [])))
  return {
    user: user ? textOf(user.content) : '',
    results: after.flatMap((item) =>
      isOutput(item) ? [{ tool: calls.get(item.call_id) ?? '', text: textOf(item.output) }] : [],
    ),
  }
}

function fits({ user, tool, result, model }: ExpectedAsk, said: LastSaid, ask: FakeAsk): boolean {
  if (model !== undefined && model !== ask.model) return false
  if (user !== undefined && !said.user.includes(user)) return false
  if (tool === undefined && result === undefined) return user === undefined || said.results.length === 0
  return said.results.some(
    (each) => (tool ?? each.tool) === each.tool && (result === undefined || each.text.includes(result)),
  )
}

function answerOf(found: Expectation): FakeAnswer {
  return 'reply' in found ? found.reply : found
}

function describe({ user, results }: LastSaid): string {
  if (results.length === 0) return `the user said ${JSON.stringify(user)}`
  return results.map(({ tool, text }) => `${tool} gave ${JSON.stringify(text)}`).join(' and ')
}

function textOf(content: string | readonly ContentPart[]): string {
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('')
}
