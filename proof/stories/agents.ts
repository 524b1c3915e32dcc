// The agents of the stories, and what their model says.
import {
  after,
  agentTool,
  atMost,
  defineAgent,
  defineTeam,
  type Item,
  type ModelReply,
  type ModelRequest,
  type ReplyItem,
  type Rule,
  type Tool,
} from '@reprise/core'
import type { Outside } from './outside.ts'
import { book, grant, look, mail, pay, permit, post, retry } from './tools.ts'
import { widerParts } from './wider-stories.ts'

/** What each agent calls, reply by reply of the conversation; then it answers with its name. */
const parts: Readonly<Record<string, readonly (readonly string[])[]>> = {
  reader: [['look a', 'look b'], ['look c']],
  payer: [['pay a'], ['pay b', 'pay c']],
  booker: [['book a'], ['book b', 'book c']],
  mailer: [['mail a'], ['mail b', 'mail c']],
  poster: [['post a'], ['post b', 'post c']],
  juggler: [
    ['pay a', 'look a', 'book a', 'post a', 'mail a', 'book b'],
    ['pay b', 'look b'],
  ],
  petitioner: [['grant a', 'pay b']],
  hopeful: [['permit a', 'grant b', 'pay c'], ['pay d']],
  front: [['look a', 'transfer_to_back']],
  back: [[], ['pay a']],
  asker: [['ask a', 'pay b']],
  superior: [['ask a', 'grant b']],
}

/** What the model says to a request: its answer depends on the conversation alone. */
export function answer({ card, items }: ModelRequest): ModelReply {
  const turn = repliesIn(items)
  const calls = (parts[card.agent] ?? widerParts[card.agent])?.[turn] ?? []
  const said: ReplyItem[] = calls.map((call, ordinal) => {
    const [name = '', id = ''] = call.split(' ')
    const given = name === 'ask' || name === 'tell' ? { task: id } : name === 'transfer_to_back' ? {} : { id }
    return { kind: 'call', callId: `call_${turn}_${ordinal}`, name, arguments: JSON.stringify(given) }
  })
  if (said.length === 0) said.push({ kind: 'assistant', text: [card.agent, ...items.flatMap(refusal)].join(', ') })
  const usage = { inputTokens: 100 + items.length, cachedTokens: turn, outputTokens: 7, reasoningTokens: 0 }
  return { items: said, finish: 'stop', model: 'scripted', usage, costNano: 1_000 + items.length }
}

/** What the model hears of a call that was not made, in a word. */
function refusal(item: Item): string | readonly string[] {
  if (item.kind !== 'result' || !item.output.startsWith('Not executed')) return []
  return item.output.includes('nobody allowed') ? 'unheard' : 'refused'
}

function repliesIn(items: readonly Item[]): number {
  const own = items.map(({ kind }) => kind === 'assistant' || kind === 'call')
  return own.filter((mine, index) => mine && !own[index - 1]).length
}

type DoingTool =
  | Tool<string, { id: string }, string, unknown, Outside>
  | Tool<string, { readonly task: string }, string, undefined, Outside>

function agent(name: string, tools: readonly DoingTool[], rules: readonly Rule[] = []) {
  return defineAgent({ name, model: 'm', instructions: `You are the ${name}.`, tools, rules, retry })
}

export const reader = agent('reader', [look])
export const payer = agent('payer', [pay])
export const booker = agent('booker', [book])
export const mailer = agent('mailer', [mail])
export const poster = agent('poster', [post])
export const juggler = agent('juggler', [look, pay, book, post, mail], [after(pay, look), atMost(book, 2)])
export const petitioner = agent('petitioner', [grant, pay])
export const hopeful = agent('hopeful', [permit, grant, pay])
const front = agent('front', [look])
const back = agent('back', [pay])
export const desk = defineTeam({ name: 'desk', entry: front, handoffs: [[front, [back]]] })
export const asker = agent('asker', [agentTool(payer, { name: 'ask', description: 'Asks.' }), pay])
export const superior = agent('superior', [agentTool(petitioner, { name: 'ask', description: 'Asks.' }), grant])
