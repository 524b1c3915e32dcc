import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { printed, start, tempFolder } from './reprise.fixture.ts'

const cwd = tempFolder()

test('the help names every command, the exit codes and the environment', async () => {
  expect(await printed(['--help'], { cwd })).toBe(
    `Usage: reprise [options] [command]

Look at the runs of a store, follow them, take them up again; replay, fork,
backtest and evaluate.

Options:
  -V, --version                            output the version number
  -h, --help                               display help for command

Commands:
  init [options] [folder]                  make a project in an empty folder: an agent, a tool, their test and a config
  doctor [options]                         look whether all is well with a set-up and its store, while it is in use
  work [options]                           take runs that nobody drives, and fire schedules, until ^C
  enqueue [options] <definition>           queue a run of a definition for a worker
  runs [options]                           list runs, the oldest first
  schedules [options]                      list schedules; pause, resume, run, backfill or remove one
  show [options] <run>                     tell what happened in a run, an entry a line
  watch [options] <run>                    show what happens in a run as it happens, until the run ends
  resume [options] <run>                   take a run up where its journal ends, and bring it as far as it goes
  send [options] <run> <signal> <payload>  send a signal to a workflow run
  approvals [options]                      list what waits for people: calls to allow, and calls to answer
  approve [options] <run> <id>             allow a call that waits for it, and bring the run as far as it goes
  reject [options] <run> <id>              refuse a call that waits to be allowed, and bring the run as far as it goes
  answer [options] <id> <value>            answer a call that somebody is to answer, and bring the run as far as it goes
  settle-doubt [options] <run> <id>        say of a call in doubt whether it happened, and bring the run as far as it goes
  unquarantine [options] <run>             put a run in quarantine back among those that may be taken up
  cancel [options] <run> [reason]          end a run for good, whoever drives it
  lint [options] [files...]                name what models take badly in the prompts of the definitions, or in files
  replay [options] [run]                   take a run up again under today's code, offline, and tell where it goes another way
  fork [options] <run>                     go on from the first entries of a run in a new run, under today's code and text
  diff [options] <run> <other>             compare two runs, step by step
  rewind [options] <run>                   let a run go on with a fork of its child, and bring it as far as it goes
  backtest [options] [runs...]             hold recorded conversations again with another model, prompt or tools, and tell what would be different
  eval [options] [what...]                 run a config's evaluations, and hold them against their gates
  migrate [options] <model>                ask the recorded runs of one model again of another one, and say which agents may move
  models [options]                         list the models that the definitions ask, what they cost and when they end
  costs [options]                          sum up what runs have used: turns, calls, tokens, dollars
  cache [options] <run>                    tell how much of each request was cached and, where that fell, what had changed
  verify [options] [run]                   check that the journals are what was written, by their hashes
  backup [options] <file>                  copy the store to a file, as of one moment, while it is in use
  restore [options] <backup>               make a store out of a backup; runs that had not ended go into quarantine
  restored [options]                       say that the database of a store was restored to an earlier moment; runs that had not ended go into quarantine
  move [options]                           move all that a SQLite store holds to another store, such as one on Postgres
  export [options] [runs...]               print runs as a golden file: text that stands by itself, replays and is imported
  import [options] <file>                  write the runs of a golden file, or recorded elsewhere, into the store
  gc [options]                             delete runs that have ended long ago, and what only they use
  erase [options] [run]                    destroy what a run, and all runs that came of it, hold: nothing brings it back
  memory                                   list, set or erase what is known of a person or a tenant across runs
  audit [options]                          tell who approved, edited, cancelled, read, exported or erased what, and when
  fake [options]                           serve OpenAI's API from a script, for tests, until ^C
  completion <shell>                       print a script that completes reprise in a shell
  help [command]                           display help for command

The runtime is the export \`runtime\` of reprise.config.ts, the nearest upwards from here or the one given by --config.
Commands that only look need no config where a store is named by --store or REPRISE_STORE.

Exit codes:
  0    done; a run that was brought on has completed, or waits for somebody
  1    failed: a run, a replay, a gate, a journal, a finding, or what the command stands on (no such run, no config)
  2    the command line is wrong; nothing was done
  130  interrupted; a run that was driven here was given back as it stood

Environment:
  REPRISE_STORE    the SQLite file of the runs, or the address of a Postgres database
  REPRISE_KEYS     the address of the database with the keys of an encrypted store on Postgres, where that is another one
  REPRISE_BLOBS    the folder with the large bodies of a store on Postgres, or s3://BUCKET/PREFIX?region=REGION, with AWS's variables
  REPRISE_KEY      the key of an encrypted one, 32 bytes in base64; old keys after it, with commas between them
  REPRISE_FROM_KEY the key of a file that is moved, where that is another one
  REPRISE_DEBUG=1  errors with their stacks
  NO_COLOR=1       no colours; there are none either where the output is piped, unless FORCE_COLOR=1 is set
`,
  )
})

test('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    version: string
  }
  expect(await printed(['--version'], { cwd })).toBe(`${version}\n`)
})

test(
  'what Node compiles of it is kept for the next command, unless the environment forbids that',
  { tags: 'slow' },
  async () => {
    const kept = async (env: NodeJS.ProcessEnv) => {
      const folder = tempFolder()
      const temp = { TMPDIR: folder, TEMP: folder, TMP: folder, NODE_COMPILE_CACHE: undefined }
      expect(await start(['--version'], { cwd, env: { ...temp, ...env } }).ended).toMatchObject({ code: 0, stderr: '' })
      return existsSync(join(folder, 'node-compile-cache'))
    }
    expect([await kept({}), await kept({ NODE_DISABLE_COMPILE_CACHE: '1' })]).toEqual([true, false])
  },
)
