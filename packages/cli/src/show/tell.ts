import {
  type CompactionEstimate,
  type Entry,
  type EntryKind,
  type EntryOf,
  formatUsd,
  type RecordedError,
  type ResultBound,
} from '@reprise/core'
import { sayEdit } from './edits.ts'
import { tellReply } from './tell-reply.ts'
import { bad, dim, good, open } from './style.ts'
import { oneLine, short, shortJson } from './text.ts'
import { saySpan, sayTime } from './time.ts'
import { count, sayReplyUsed, sayUsed } from './used.ts'
import { sayWaiting } from './waiting.ts'

type Tell<K extends EntryKind> = (entry: EntryOf<K>, agent: string) => string | readonly string[]

/** What an entry says to a person. A call is named by its place in the reply, anything of a workflow by its key. */
const TELL: { readonly [K in EntryKind]: Tell<K> } = {
  'run.started': ({ body: { definition, input } }) =>
    `${definition.kind} ${definition.name} starts with ${shortJson(input)}`,
  'run.forked': ({ seq, body: { of, effects, edits = [] } }) => [
    `forked from ${of}: all before is of that run, and from here ${effects === 'live' ? 'tools act on the world' : 'only tools that read run'}`,
    ...edits.map((edit) => `edited: ${sayEdit(edit, seq - 1)}`),
  ],
  'history.joined': ({ body: { of, holder, closed = [], heard } }) => [
    ...(heard ? ['was heard by a turn before, and ends with that'] : []),
    `goes on from the turn ${of}${holder ? `, with ${holder.card.agent}` : ''}`,
    ...closed.map((item) =>
      item.kind === 'result' ? `left open there: ${short(item.output)}` : `cut off there: ${short(item.text)}`,
    ),
  ],
  'definition.changed': (_, agent) => `${agent} goes on as it reads today`,
  'model.asked': ({ body: { responseId } }, agent) => `${agent}: the service answers as ${short(responseId)}`,
  'model.replied': tellReply,
  'model.failed': ({ at, body: { error, retryAt } }, agent) => [
    `${agent}: the model ${bad('failed')} (${error.code}), ${again(at, retryAt, 'is not asked again')}: ${short(error.message)}`,
    ...tellStack(error),
  ],
  'call.judged': ({ key, body: { name, allowed, told, approval, input } }) =>
    allowed
      ? `${call(key)} ${name} ${approval ? 'may run when somebody allows it' : 'is allowed'}${input === undefined ? '' : `, with ${JSON.stringify(input)}`}`
      : `${call(key)} ${name} is ${bad('refused')}: ${short(told ?? '')}`,
  'approval.asked': ({ key, body: { name, begun } }) =>
    `${call(key)} ${name} ${open('waits')} to be allowed${begun ? ', and may have run already' : ''}`,
  'approval.given': ({ key, body: { name, approved, by, edited, reason, told } }) =>
    `${call(key)} ${name} is ${approved ? good('allowed') : bad('refused')} by ${short(by)}${edited ? `, with ${shortJson(edited.arguments)}` : approved && reason ? `: ${short(reason)}` : told ? `: ${short(told)}` : ''}`,
  'answer.asked': ({ key, body: { name, of } }) =>
    `${call(key)} ${name} ${open('waits')} to be answered${of === undefined ? '' : `: may ${of.tool} be called so`}`,
  'call.intended': ({ key, body: { name } }) => `${call(key)} ${name} is about to happen`,
  'call.returned': ({ key, body: { name, result, lost, bound, by } }) => [
    by === undefined
      ? `${call(key)} ${name} returns ${shortJson(result)}${tellBound(bound)}`
      : `${call(key)} ${name} is ${good('answered')} by ${short(by)}: ${shortJson(result)}${tellBound(bound)}`,
    ...tellLost(lost),
  ],
  'call.failed': ({ key, at, body: { name, error, retryAt } }) => [
    `${call(key)} ${name} ${bad('failed')} (${error.code}), ${again(at, retryAt, 'and the model is told')}: ${short(error.message)}`,
    ...tellStack(error),
  ],
  'call.doubted': ({ key, body: { name, reason } }) => `${call(key)} ${name} is ${open('in doubt')}: ${short(reason)}`,
  'call.resolved': ({ key, body: { name, happened, result, by, lost } }) => [
    `${call(key)} ${name} ${happened ? `happened and returned ${shortJson(result)}` : 'did not happen'}, says ${short(by)}`,
    ...tellLost(lost),
  ],
  'memory.read': ({ body: { memory, keys, text } }, agent) =>
    `${agent} is told ${text === undefined ? 'nothing new' : `what is known (${keys.map((key) => oneLine(key)).join(', ')})`} of the memory ${memory}`,
  'handoff.made': ({ body: { to, payload, moved } }) => [
    `${to} takes over${payload === undefined ? '' : ` with ${shortJson(payload)}`}`,
    ...(moved ? [`reads ${moved.kind === 'summary' ? 'a summary' : 'that'} alone: ${short(moved.text)}`] : []),
  ],
  'output.judged': ({ body: { told } }, agent) => `${agent} is sent its answer ${bad('back')}: ${short(told)}`,
  'step.returned': ({ key, body: { result, lost } }) => [`${key} returns ${shortJson(result)}`, ...tellLost(lost)],
  'step.failed': ({ key, at, body: { error, retryAt } }) => [
    `${key} ${bad('failed')} (${error.code}), ${again(at, retryAt, 'and the code is told')}: ${short(error.message)}`,
    ...tellStack(error),
  ],
  'child.started': ({ key, body: { runId } }) => `${key} starts the run ${runId}`,
  'child.ended': ({ key, body: { runId, ending, totals } }) => [
    ending.kind === 'completed'
      ? `${key} has ${good('completed')} the run ${runId}: ${shortJson(ending.output)}`
      : `${key} has ended the run ${runId} as ${bad(ending.kind)}: ${short('error' in ending ? ending.error.message : ending.reason)}`,
    dim(sayUsed(totals)),
  ],
  'timer.set': ({ key, body: { until } }) => `${key} waits until ${sayTime(until)}`,
  'timer.fired': ({ key }) => `${key} is over`,
  'message.received': ({ key, body: { signal, payload } }) =>
    key === 'run'
      ? `meanwhile somebody says ${shortJson(payload)}`
      : `the signal ${signal} comes with ${shortJson(payload)}`,
  'race.won': ({ key, body: { branch } }) => `${key} is won by branch ${branch}`,
  'history.compacted': ({ body: { way, why, estimate, spent } }, agent) => [
    `${agent} goes on with a shorter conversation (${way}), ${why === 'window' ? 'since the next request would not fit' : 'as its agent says'}: ${sayShorter(estimate)}`,
    ...(spent ? [dim(sayReplyUsed({ items: [], finish: 'stop', model: '', ...spent }))] : []),
  ],
  'run.waiting': ({ body: { waiting } }) => `the run ${open('waits')} ${sayWaiting(waiting)}`,
  'run.quarantined': ({ body: { reason } }) => `the run is put into ${bad('quarantine')}: ${short(reason)}`,
  'run.rewound': ({ key, body: { from, to, by } }) =>
    `${key} goes on with the run ${to} instead of ${from}, says ${short(by)}`,
  'run.released': ({ body: { by } }) => `the run is released, says ${short(by)}`,
  'run.completed': ({ body: { output, continuedAs } }) =>
    continuedAs === undefined
      ? `the run is ${good('completed')}: ${shortJson(output)}`
      : `the run goes on as ${continuedAs}`,
  'run.failed': ({ body: { outcome, error } }) => [
    `the run ended as ${bad(outcome)}: ${short(error.message)}`,
    ...tellStack(error),
  ],
  'run.cancelled': ({ body: { reason, text } }) =>
    `the run was ${bad('cancelled')}: ${short(reason)}${text === undefined ? '' : `; the model had said: ${short(text)}`}`,
}

/**
 * Tells an entry in a line, and what belongs below it.
 *
 * @param agent that holds the run.
 */
export function tell(entry: Entry, agent: string): readonly string[] {
  // The kind says which entry it is; TypeScript cannot follow that through the table.
  const told = (TELL[entry.kind] as (entry: Entry, agent: string) => string | readonly string[])(entry, agent)
  const lines = typeof told === 'string' ? [told] : told
  const [first = '', ...more] = lines
  return entry.attempt > 1 ? [`${first} ${dim(`(attempt ${entry.attempt})`)}`, ...more] : lines
}

/** What code gave that JSON says otherwise: by its places, '' for the whole. */
function tellLost(lost: readonly string[] = []): readonly string[] {
  if (lost.length === 0) return []
  return [`${bad('not as it was given')}: ${short(lost.map((path) => path || 'the whole').join(', '))}`]
}

/** What a compaction was expected to cost and save. */
function sayShorter({ before, after, anew, costNano, savesNano }: CompactionEstimate): string {
  const tokens = `about ${before.toLocaleString('en-US')} tokens become ${after.toLocaleString('en-US')}, ${anew.toLocaleString('en-US')} of them read anew`
  if (costNano === undefined || savesNano === undefined) return tokens
  return `${tokens}, for ${formatUsd(costNano)} once and ${formatUsd(savesNano)} less each turn`
}

/** A result of which the model was told a part. */
function tellBound(bound: ResultBound | undefined): string {
  return bound ? dim(` (the model is told ${count(bound.tokens, 'token')} of it at most)`) : ''
}

/** Where an error was thrown, where the runtime keeps stacks: a line each, and no line of anybody else's. */
function tellStack({ stack }: RecordedError): readonly string[] {
  if (stack === undefined) return []
  return stack.split('\n').map((line) => dim(oneLine(line)))
}

function again(at: number, retryAt: number | null, otherwise: string): string {
  return retryAt === null ? otherwise : `again after ${saySpan(Math.max(0, retryAt - at))}`
}

/** The place of a call in its reply: `call:0`. */
function call(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
