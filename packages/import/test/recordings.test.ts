import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { journalOf } from '../src/index.ts'
import { lines, read } from './read.fixture.ts'

const file = new URL('../../../../shared/data/openai/cassettes.jsonl', import.meta.url)

interface Step {
  readonly method: string
  readonly path: string
  readonly reqBody: unknown
  readonly respJson: unknown
}

/** The requests of each recording to Chat Completions and Responses, with their answers, as lines of chat. */
function recordings(): readonly (readonly object[])[] {
  const cassettes = readFileSync(file, 'utf8').trim().split('\n')
  return cassettes.map((line) => {
    const { steps } = JSON.parse(line) as { steps: readonly Step[] }
    const asked = steps.filter(
      ({ method, path }) => method === 'POST' && /\/(?:chat\/completions|responses)$/.test(path),
    )
    return asked.map(({ reqBody, respJson }) => ({ request: reqBody, response: respJson }))
  })
}

/** What may not be taken of them, by the beginning of its reason, and how often. */
const NAMED = {
  'It has a system message after the conversation had begun': 13,
  'It has the tool "web_search_preview" of the service': 2,
  'It has no reply of a model': 52,
}

test.skipIf(!existsSync(file))(
  'all that was recorded of real traffic is taken, or named (skipped where ../shared/data is not there)',
  async () => {
    const counts = { lines: 0, exchanges: 0, conversations: 0, journals: 0 }
    const named: Record<string, number> = {}
    for (const recording of recordings()) {
      counts.lines += recording.length
      const { conversations, skipped } = await read(lines(...recording), 'chat-jsonl')
      counts.conversations += conversations.length
      for (const one of conversations) {
        counts.exchanges += one.replies.filter(({ responseId }) => responseId !== undefined).length
        // All that was said is of a user, of a tool, or of one reply.
        const said = one.replies.reduce((sum, { from, to }) => sum + to - from, 0)
        expect(said + one.items.filter(({ kind }) => kind === 'user' || kind === 'result').length).toBe(
          one.items.length,
        )
        const journal = journalOf(one)
        if (['completed', 'failed', 'cancelled'].includes(journal.row.status)) counts.journals += 1
      }
      for (const { why } of [...skipped, ...conversations.flatMap(({ notTaken }) => notTaken)]) {
        const kind = Object.keys(NAMED).find((beginning) => why.startsWith(beginning)) ?? why
        named[kind] = (named[kind] ?? 0) + 1
      }
    }
    expect(named).toEqual(NAMED)
    expect(counts).toEqual({ lines: 847, exchanges: 760, conversations: 664, journals: 664 })
  },
)
