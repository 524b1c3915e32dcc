import { DefinitionError } from '@reprise/core'
import type { Command } from 'commander'
import { configOption } from '../config/with-config.ts'
import { type StoreOption, storeOption, withStore } from '../config/with-store.ts'
import { type CachedReply, cachedReplies, type Fall } from '../costs/cache-falls.ts'
import { command, examples, runArgument } from '../line/command.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson } from '../line/json.ts'
import { columns } from '../show/columns.ts'
import { bold, dim, open } from '../show/style.ts'
import { oneLine } from '../show/text.ts'
import { saySpan } from '../show/time.ts'
import { count } from '../show/used.ts'

interface Options extends StoreOption, JsonOption {}

/** `reprise cache`: how much of each request of a run the service had in its cache. */
export function cacheCommand(io: Io): Command {
  return command(io, 'cache', 'tell how much of each request was cached and, where that fell, what had changed')
    .addArgument(runArgument())
    .addOption(jsonOption())
    .addOption(storeOption())
    .addOption(configOption())
    .addHelpText(
      'after',
      `
A service keeps the beginning of a request: what stands before the first change is read from its cache. Requests are
rebuilt from the journal. Which tools the rules allowed at a turn follows from code, and is not compared.
${examples('reprise cache ticket-4711')}`,
    )
    .action(async (runId: string, options: Options) => {
      await withStore(io, options, async ({ runs }) => {
        const replies = cachedReplies(await runs.entries(runId))
        if (options.json) printJson(io, { runId, replies })
        else if (replies.length === 0) throw noReplies(runId)
        else print(io, replies)
      })
    })
}

function noReplies(runId: string): DefinitionError {
  const message = `No reply of the run "${runId}" tells its tokens. Where its agents are runs of their own, look at those: reprise runs --parent ${runId}`
  return new DefinitionError({ code: 'no_replies', message })
}

function print(io: Io, replies: readonly CachedReply[]): void {
  const head = ['ENTRY', 'AGENT', 'MODEL', 'INPUT', 'CACHED', 'SHARE'].map(bold)
  const table = columns([head, ...replies.map(cells)])
  say(io, table[0] ?? '')
  for (const [at, { fall }] of replies.entries()) {
    say(io, table[at + 1] ?? '')
    if (fall) say(io, `       ${open('fell')}: ${sayFall(fall)}`)
  }
  const [input, cached] = [sum(replies, 'inputTokens'), sum(replies, 'cachedTokens')]
  say(
    io,
    dim(`${count(input, 'token')} in, ${cached.toLocaleString('en-US')} of them cached (${percent(cached / input)})`),
  )
}

function cells({ seq, agent, model, inputTokens, cachedTokens, share }: CachedReply): string[] {
  return [
    String(seq),
    oneLine(agent),
    oneLine(model),
    inputTokens.toLocaleString('en-US'),
    cachedTokens.toLocaleString('en-US'),
    share === null ? '' : percent(share),
  ]
}

function sayFall({ changed, added, afterMs }: Fall): string {
  const since = `${saySpan(afterMs)} after the reply before`
  if (changed.length > 0) return `${oneLine(changed.join('; '))}; ${since}`
  return `nothing that was sent before had changed; ${count(added, 'item')} came, ${since}`
}

function percent(share: number): string {
  return `${Math.round(100 * (Number.isNaN(share) ? 0 : share))} %`
}

function sum(replies: readonly CachedReply[], part: 'inputTokens' | 'cachedTokens'): number {
  return replies.reduce((all, reply) => all + reply[part], 0)
}
