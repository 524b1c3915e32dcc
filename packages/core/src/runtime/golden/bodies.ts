// What the body of each kind of entry must be for those who read journals: entries that come from outside are held to it
// once, so that nobody inside needs to look again.
import type { EntryKind } from '../../contracts/entry.ts'
import { wrongIn } from '../../engine/effort/check-reply.ts'
import {
  anything,
  count,
  list,
  moment,
  nullable,
  object,
  oneOf,
  optional,
  record,
  type Shape,
  text,
  union,
} from './shapes.ts'
import { whole, yesOrNo } from './shapes.ts'

const definition = record({ kind: oneOf('agent', 'team', 'workflow'), name: text, version: whole })
const error = record({ code: text, message: text, details: optional(object), stack: optional(text) })
const usage = record({ inputTokens: count, cachedTokens: count, outputTokens: count })
const spent = record({ usage: optional(usage), costNano: optional(count) })
const outputCard = record({ name: text, schema: object })
const card = record({
  agent: text,
  version: whole,
  model: text,
  settings: object,
  maxOutputTokens: count,
  tools: list(record({ name: text, description: text, parameters: object })),
  hosted: optional(list(record({ kind: text }))),
  parallelCalls: optional(oneOf(false)),
  memory: optional(list(record({ name: text, scope: oneOf('user', 'tenant'), key: text, facts: count }))),
  output: nullable(outputCard),
})
const snapshot = { card, instructions: text }
const lost = optional(list(text))
const bound = optional(record({ version: oneOf(1), tokens: count }))
const media = { url: optional(text), fileId: optional(text), name: optional(text), detail: optional(text) }
const part = union('kind', { text: record({ text }), image: record(media), file: record(media) })
const named = { name: text }
const asked = { ...named, asked: text }
const after = { after: optional(text) }
const factKeys = { memory: text, keys: list(text) }
const failed = record({ error })
const key = { key: text }
const until = optional(moment)

/** What a run has used. */
export const used = record({
  turns: count,
  calls: count,
  inputTokens: count,
  cachedTokens: count,
  outputTokens: count,
  costNano: count,
  unpriced: count,
  estimated: optional(count),
  refused: optional(count),
  own: optional(object),
  descendants: optional(object),
})

const start = {
  format: optional(oneOf(2)),
  definition,
  given: optional(record({ input: text, context: optional(text) })),
  effects: optional(oneOf('read')),
  depth: optional(whole),
  turnsLeft: optional(count),
}
const anyStart = record({ definition })
const agentStart = record({ ...start, ...snapshot })
const workflowStart = record({ ...start, seed: text })

const called = record({ ...key, id: optional(text), tool: text, agent: optional(text), until })
const waiting = union('kind', {
  'in-doubt': called,
  approval: called,
  answer: called,
  signal: record({ ...key, signal: text, until }),
  child: record({ ...key, runId: text, until }),
  timer: record({ ...key, until: moment }),
  turn: record({ ...key, runId: text }),
  retry: record({ ...key, until: moment }),
  interrupted: record({ ...key, error, until: moment }),
  quarantined: record({ ...key, reason: text }),
})

const ending = union('kind', {
  completed: anything,
  failed,
  refused: failed,
  incomplete: failed,
  'over-budget': failed,
  cancelled: record({ reason: text }),
})

const summary = record({ model: text, maxOutputTokens: count, question: text })
const moved = record({ kind: oneOf('payload', 'summary'), text })

const edit = union('kind', {
  input: anything,
  reply: anything,
  result: anything,
  message: anything,
  instructions: record({ agent: text, instructions: text }),
  model: record({ agent: text, model: text }),
})

const closed = union('kind', {
  result: record({ callId: text, output: text }),
  assistant: record({ text }),
  user: record({ text }),
})
const historyEdit = union('kind', {
  result: record({ at: count, output: text, id: optional(text) }),
  stretch: record({ from: count, to: count, items: list(record({ kind: text })) }),
})
const estimate = record({
  before: count,
  after: count,
  anew: count,
  costNano: optional(count),
  savesNano: optional(count),
})

/** What a body must be, by its entry's kind. */
export const BODIES: { readonly [K in EntryKind]: Shape } = {
  'run.started': (body) => anyStart(body) ?? (isWorkflow(body) ? workflowStart : agentStart)(body),
  'run.forked': record({ of: text, effects: oneOf('live', 'read'), seed: optional(text), edits: optional(list(edit)) }),
  'history.joined': record({
    of: text,
    seq: count,
    hash: text,
    holder: optional(record(snapshot)),
    closed: optional(list(closed)),
    heard: optional(record({ run: text, ending })),
  }),
  'definition.changed': record(snapshot),
  'model.asked': record({ responseId: text }),
  'model.replied': record({ asked: text, reply: (reply) => prefixed(wrongIn(reply)), summary: optional(summary) }),
  'model.failed': record({ error, retryAt: nullable(moment), spent: optional(spent), summary: optional(summary) }),
  'call.judged': record({
    ...named,
    allowed: yesOrNo,
    told: optional(text),
    rule: optional(text),
    asked: optional(text),
    approval: optional(oneOf(true)),
  }),
  'approval.asked': record({
    ...asked,
    tool: text,
    until,
    approvers: optional(whole),
    begun: optional(oneOf(true)),
  }),
  'approval.given': record({
    ...asked,
    approved: yesOrNo,
    by: text,
    source: optional(text),
    reason: optional(text),
    edited: optional(record({ arguments: object, asked: text })),
    told: optional(text),
  }),
  'answer.asked': record({ ...asked, until, of: optional(record({ tool: text, asked: text })) }),
  'call.intended': record({ ...asked, owner: optional(text) }),
  'call.returned': record({
    ...asked,
    lost,
    bound,
    facts: optional(record(factKeys)),
    turnsBelow: optional(count),
    parts: optional(list(part)),
    by: optional(text),
    source: optional(text),
  }),
  'call.failed': record({
    ...named,
    asked: optional(text),
    error,
    retryAt: nullable(moment),
    bound,
    turnsBelow: optional(count),
  }),
  'call.doubted': record({ ...named, reason: text, asked: yesOrNo, running: optional(text) }),
  'call.resolved': record({ ...named, happened: yesOrNo, by: text, lost, bound }),
  'memory.read': record({ ...factKeys, text: optional(text) }),
  'handoff.made': record({ ...snapshot, to: text, told: text, moved: optional(moved) }),
  'output.judged': record({ told: text, rule: optional(text) }),
  'step.returned': record({ ...after, ...named, lost }),
  'step.failed': record({ ...after, ...named, error, retryAt: nullable(moment) }),
  'child.started': record({ ...after, ...asked, runId: text }),
  'child.ended': record({ runId: text, ending, totals: used }),
  'timer.set': record({ ...after, until: moment }),
  'timer.fired': record({ until: moment }),
  'message.received': record({ signal: text, id: text }),
  'race.won': record({ ...after, branch: count }),
  'history.compacted': record({
    way: oneOf('trim', 'summary', 'function'),
    why: oneOf('window', 'threshold'),
    edits: list(historyEdit),
    estimate,
    asked: optional(text),
    model: optional(text),
    spent: optional(spent),
  }),
  'run.waiting': record({ waiting }),
  'run.rewound': record({ from: text, to: text, by: text }),
  'run.quarantined': record({ reason: text }),
  'run.released': record({ by: text }),
  'run.completed': record({ ...after, continuedAs: optional(text), asked: optional(text) }),
  'run.failed': record({ ...after, outcome: text, error, text: optional(text), spent: optional(spent) }),
  'run.cancelled': record({ reason: text, text: optional(text), spent: optional(spent) }),
}

function isWorkflow(body: unknown): boolean {
  return (body as { definition: { kind: string } }).definition.kind === 'workflow'
}

/** What `wrongIn` says stands after the reply: `items[0].text is nothing`. */
function prefixed(wrong: string | undefined): string | undefined {
  return wrong === undefined ? undefined : `: ${wrong}`
}
