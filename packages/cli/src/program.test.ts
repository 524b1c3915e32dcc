import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { printed, start, tempFolder } from './reprise.fixture.ts'

const cwd = tempFolder()
const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

test('the help names every command, the exit codes and the environment', async () => {
  expect(await printed(['--help'], { cwd })).toBe(
    `Usage: reprise [options] [command]

Look at the runs of a store, follow them, take them up again, replay, fork and
verify them.

Options:
  -V, --version                            output the version number
  -h, --help                               display help for command

Commands:
  init [options] [folder]                  make a project in an empty folder: an agent, a tool, their test and a config
  runs [options]                           list runs, the oldest first
  show [options] <run>                     tell what happened in a run, an entry a line
  watch [options] <run>                    tell what happens in a run as it happens, until the run ends
  resume [options] <run>                   take a run up where its journal ends, and bring it as far as it goes
  replay [options] [run]                   take a run up again under today's code, offline, and tell where it goes another way
  fork [options] <run>                     go on from the first entries of a run in a new run, under today's code and text
  diff [options] <run> <other>             compare two runs, step by step
  rewind [options] <run>                   let a run go on with a fork of its child, and bring it as far as it goes
  send [options] <run> <signal> <payload>  send a signal to a workflow run
  approve [options] <run> <id>             allow a call that waits for it, and bring the run as far as it goes
  reject [options] <run> <id>              refuse a call that waits to be allowed, and bring the run as far as it goes
  settle-doubt [options] <run> <id>        say of a call in doubt whether it happened, and bring the run as far as it goes
  unquarantine [options] <run>             put a run in quarantine back among those that may be taken up
  cancel [options] <run> [reason]          end a run for good, whoever drives it
  erase [options] <run>                    destroy what a run, and all runs that came of it, hold: nothing brings it back
  work [options]                           take runs that nobody drives, until ^C
  models [options]                         list the models that the definitions ask, what they cost and when they end
  migrate [options] <model>                ask the recorded runs of one model again of another one, and say which agents may move
  doctor [options]                         look whether all is well with a store, while it is in use
  verify [options] [run]                   check that the journals are what was written, by their hashes
  backup [options] <file>                  copy the store to a file, as of one moment, while it is in use
  restore [options] <backup>               make a store out of a backup; runs that had not ended go into quarantine
  export [options] [runs...]               print runs as a golden file: text that stands by itself, replays and is imported
  import [options] <file>                  write the runs of a golden file into the store, where they are not there yet
  gc [options]                             delete runs that have ended long ago, and what only they use
  fake [options]                           serve OpenAI's API from a script, for tests, until ^C
  help [command]                           display help for command

The runtime is the export \`runtime\` of reprise.config.ts, the nearest upwards from here or the one given by --config.
Commands that only look need no config where a store is named by --store or REPRISE_STORE.

Exit codes:
  0    done
  1    failed: a run, a replay, a journal, or what the command stands on; with diff --exit-code also: two runs differ
  2    the command line is wrong; nothing was done
  130  interrupted

Environment:
  REPRISE_STORE    the SQLite file of the runs
  REPRISE_KEY      the key of an encrypted one, 32 bytes in base64; old keys after it, with commas between them
  REPRISE_DEBUG=1  errors with their stacks
  NO_COLOR=1       no colours; there are none either where the output is piped
`,
  )
})

test('every command is helped with, and stands in the README', async () => {
  const commands = (await printed(['--help'], { cwd })).matchAll(/^  (?!help)([a-z]+) \[/gm)
  const names = [...commands].map(([, name = '']) => name)
  expect(names.length).toBeGreaterThan(15)
  for (const name of names) expect(readme).toContain(`\`reprise ${name}`)
  expect(await printed(['show', '--help'], { cwd })).toBe(`Usage: reprise show [options] <run>

tell what happened in a run, an entry a line

Arguments:
  run                 the id of a run

Options:
  --entry <number>    this entry alone, and all of it
  --request <number>  all that the model was sent for the reply at this entry
  --json              print JSON
  --store <file>      the SQLite file of the runs, if not the config's (env:
                      REPRISE_STORE)
  --config <file>     the config, if not the nearest reprise.config.ts upwards
                      from here
  -h, --help          display help for command
`)
})

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    version: string
  }
  expect(await printed(['--version'], { cwd })).toBe(`${version}\n`)
})

test('what Node compiles of it is kept for the next command, unless the environment forbids that', async () => {
  const kept = async (env: NodeJS.ProcessEnv) => {
    const folder = tempFolder()
    const temp = { TMPDIR: folder, TEMP: folder, TMP: folder, NODE_COMPILE_CACHE: undefined }
    expect(await start(['--version'], { cwd, env: { ...temp, ...env } }).ended).toMatchObject({ code: 0, stderr: '' })
    return existsSync(join(folder, 'node-compile-cache'))
  }
  expect([await kept({}), await kept({ NODE_DISABLE_COMPILE_CACHE: '1' })]).toEqual([true, false])
})
