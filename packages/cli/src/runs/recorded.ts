import { type GoldenText, goldenText } from '@reprise/core'
import type { JournalOptions, NotTaken, RecordedFormat } from '@reprise/import'
import { count } from '../show/used.ts'

/** How a file that was recorded elsewhere is to be read. */
export interface RecordedOptions extends Pick<JournalOptions, 'name' | 'once'> {
  readonly from: RecordedFormat
  readonly tag?: readonly string[]
  /** What conversations are named after that have no id. */
  readonly file: string
  /** Who makes the golden text, with a version. */
  readonly by: string
}

/** A file that was recorded elsewhere, as a golden one. */
export interface Recorded {
  readonly text: GoldenText
  /** What was not taken, once all of the text was read. */
  readonly report: () => { readonly notTaken: readonly NotTaken[]; readonly passed: Readonly<Record<string, number>> }
}

/** Makes the text of a golden file out of one that was recorded elsewhere. */
export async function recordedAs(
  given: GoldenText,
  { from, file, by, name, once, tag }: RecordedOptions,
): Promise<Recorded> {
  const { conversationsFrom, journalOf } = await import('@reprise/import')
  const conversations = conversationsFrom(given, { from, file })
  const options = { ...(name !== undefined && { name }), ...(once && { once }), ...(tag && { tags: tag }) }
  const left: NotTaken[] = []
  const journals = async function* () {
    // A conversation of which no time was recorded took place before now.
    const at = Date.now()
    for await (const conversation of conversations) {
      const journal = journalOf(conversation, { ...options, at })
      left.push(...journal.notTaken)
      yield journal
    }
  }
  return {
    text: goldenText(journals(), by),
    report: () => ({ notTaken: [...conversations.skipped, ...left], passed: conversations.passed }),
  }
}

/** Says what was not taken, each reason once, with the first place where it holds. */
export function sayNotTaken(notTaken: readonly NotTaken[]): readonly string[] {
  if (notTaken.length === 0) return []
  const byReason = Map.groupBy(notTaken, ({ why }) => why)
  const reasons = [...byReason].map(([why, all]) => {
    const others = all.length > 1 ? ` and ${count(all.length - 1, 'other place')}` : ''
    return `  ${all[0]?.where}${others}: ${why}`
  })
  return [
    `${count(notTaken.length, 'part')} of the file ${notTaken.length === 1 ? 'is' : 'are'} not taken:`,
    ...reasons,
  ]
}
