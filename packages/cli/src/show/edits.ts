import type { Entry, RecordedEdit, ReplyItem } from '@reprise/core'
import { apart, harmless, oneLine, short } from './text.ts'

/** What is edited, in a few words. @param seq of the entry that is edited, where one is. */
export function sayEdit(edit: RecordedEdit, seq: number): string {
  switch (edit.kind) {
    case 'input':
    case 'reply':
    case 'result':
    case 'message':
      return `the ${edit.kind} at entry ${seq}`
    case 'instructions':
      return `the instructions of ${oneLine(edit.agent)}`
    case 'model':
      return `the model of ${oneLine(edit.agent)}`
    default:
      return edit satisfies never
  }
}

/**
 * What was edited where a run was forked, each with what it was before and is now: a name and a text a row.
 *
 * @param of the entries of the run that it is a fork of; undefined where they are not there any more.
 */
export function sayEdits(entries: readonly Entry[], forkSeq: number, of: readonly Entry[] | undefined): string[][] {
  const forked = entries[forkSeq]
  if (forked?.kind !== 'run.forked') return []
  return (forked.body.edits ?? []).flatMap((edit) => {
    const [was, is] = sidesOf(edit, entries, forkSeq - 1, of)
    const [before, after] = was === undefined ? [undefined, is] : apart(was, is)
    return [
      ['edited', sayEdit(edit, forkSeq - 1)],
      ...(before === undefined ? [] : [['was', short(before)]]),
      ['is', short(after)],
    ]
  })
}

function sidesOf(
  edit: RecordedEdit,
  entries: readonly Entry[],
  seq: number,
  of: readonly Entry[] | undefined,
): readonly [string | undefined, string] {
  if (!('agent' in edit)) return [of?.[seq] && partOf(of[seq]), entries[seq] ? partOf(entries[seq]) : '']
  const last = entries.slice(0, seq + 1).findLast(({ body }) => 'card' in body && body.card.agent === edit.agent)
  const before = last && 'card' in last.body ? last.body : undefined
  return edit.kind === 'model' ? [before?.card.model, edit.model] : [before?.instructions, edit.instructions]
}

/** What an entry says that can be edited, in words. */
function partOf(written: Entry): string {
  const { kind, body } = harmless(written)
  if (kind === 'run.started') return typeof body.input === 'string' ? body.input : JSON.stringify(body.input)
  if (kind === 'model.replied') return body.reply.items.flatMap((item) => sayItem(item)).join('; ')
  if (kind === 'message.received') return JSON.stringify(body.payload)
  if (kind === 'child.ended')
    return 'output' in body.ending ? JSON.stringify(body.ending.output) : `ended as ${body.ending.kind}`
  if ('result' in body) return JSON.stringify(body.result)
  return 'error' in body ? `failed: ${body.error.message}` : kind
}

function sayItem(item: ReplyItem): readonly string[] {
  if (item.kind === 'call') return [`calls ${item.name} ${item.arguments}`]
  if (item.kind === 'assistant') return [`says: ${item.text}`]
  return item.kind === 'refusal' ? [`refuses: ${item.text}`] : []
}
