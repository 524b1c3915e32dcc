import { messageOf, type Replay, RepriseError, type Runtime } from '@reprise/core'
import { Argument, type Command } from 'commander'
import { type ConfigOption, configOption, withConfig } from '../config/with-config.ts'
import { command } from '../line/command.ts'
import { EXIT, exitWith } from '../line/exit-code.ts'
import { type Io, say } from '../line/io.ts'
import { type JsonOption, jsonOption, printJson, printJsonLine } from '../line/json.ts'
import { allRuns } from '../runs/all-runs.ts'
import { sayDifferences, sayReplay } from '../show/replay.ts'
import { bad } from '../show/style.ts'
import { oneLine } from '../show/text.ts'
import { count } from '../show/used.ts'

interface Options extends ConfigOption, JsonOption {
  readonly all?: true
}

/** A run that could not be replayed at all. */
interface Failed {
  readonly runId: string
  readonly status: 'failed'
  readonly error: { readonly code: string; readonly message: string }
}

/** `reprise replay`: takes runs up again under today's code, offline. */
export function replayCommand(io: Io): Command {
  const replay = command(
    io,
    'replay',
    "take a run up again under today's code, offline, and tell where it goes another way",
  )
    .addArgument(new Argument('[run]', 'the id of a run'))
    .option('--all', 'all runs')
    .addOption(jsonOption('print JSON; with --all, a run a line'))
    .addOption(configOption())
    .addHelpText(
      'after',
      `
No model is asked, no tool and no step is run, nothing is written. The exit code is 1 when a run diverges or cannot be
replayed. Texts that have changed are shown; they make no divergence.`,
    )
  return replay.action(async (runId: string | undefined, options: Options) => {
    if ((runId === undefined) !== (options.all === true))
      return replay.error('error: name one run, or say --all', { exitCode: EXIT.usage })
    await withConfig(io, options, ({ runtime }) =>
      runId === undefined ? replayAll(io, runtime, options) : replayOne(io, runtime, runId, options),
    )
  })
}

async function replayOne(io: Io, runtime: Runtime, runId: string, { json }: JsonOption): Promise<void> {
  const replay = await runtime.replay(runId)
  if (json) printJson(io, replay)
  else say(io, [...sayReplay(replay), ...sayDifferences(replay.differences)].join('\n'))
  if (replay.status === 'diverged') exitWith(io, 'failed')
}

async function replayAll(io: Io, runtime: Runtime, { json }: JsonOption): Promise<void> {
  const done: Replay[] = []
  let [runs, matched] = [0, 0]
  for await (const { id, erasedAt } of allRuns(runtime)) {
    if (erasedAt !== null) continue
    const replay = await replayOrTell(runtime, id)
    runs += 1
    if (replay.status === 'matched') matched += 1
    if (replay.status !== 'failed') done.push(replay)
    if (json) printJsonLine(io, replay)
    else say(io, sayDone(replay).join('\n'))
  }
  if (!json) {
    const differences = sayDifferences(done.flatMap((replay) => replay.differences))
    say(io, [...differences, '', `${matched} of ${count(runs, 'run')} matched.`].join('\n'))
  }
  if (matched < runs) exitWith(io, 'failed')
}

/** One run that cannot be replayed does not keep the others from it. */
async function replayOrTell(runtime: Runtime, runId: string): Promise<Replay | Failed> {
  try {
    return await runtime.replay(runId)
  } catch (error) {
    if (!RepriseError.is(error)) throw error
    return { runId, status: 'failed', error: { code: error.code, message: messageOf(error) } }
  }
}

function sayDone(replay: Replay | Failed): string[] {
  if (replay.status !== 'failed') return sayReplay(replay)
  return [`${oneLine(replay.runId)}  ${bad('not replayed')}: ${oneLine(replay.error.message)}`]
}
