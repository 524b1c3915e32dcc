import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, describe, expect, it } from 'vitest'
import { recordServed, recordWaiting } from './desk.fixture.ts'
import { type Ended, reprise, start, tempFolder, writeConfig } from './reprise.fixture.ts'

const project = tempFolder()
const empty = tempFolder()
const config = join(project, 'reprise.config.ts')

beforeAll(async () => {
  writeConfig(project)
  await recordServed(join(project, 'runs.db'), 'r')
  await recordWaiting(join(project, 'runs.db'))
  write('syntax.ts', 'export const runtime = {')
  write('enum.ts', 'export enum Colour { Red }')
  write('throws.ts', "throw new Error('No key.\\n  Set one')")
  write('package.ts', "import 'no-such-package'")
  write('default.ts', "export default 1\nexport const review = { kind: 'signal' }")
  write('nothing.ts', 'export {}')
  write('later.ts', `export * from ${JSON.stringify(config)}\nvoid Promise.reject(new Error('Too late'))`)
  write('diary.db', 'dear diary')
  mkdirSync(join(project, 'folder.db'))
  for (const [name, sql] of [
    ['newer.db', 'pragma application_id = 0x52707365; pragma user_version = 99'],
    ['foreign.db', 'create table notes (text)'],
  ] as const) {
    const db = new DatabaseSync(join(project, name))
    db.exec(sql)
    db.close()
  }
})

function write(name: string, text: string): void {
  writeFileSync(join(project, name), text)
}

async function refusal(args: readonly string[], cwd = project): Promise<[code: number | null, stderr: string]> {
  return refusalOf(await reprise(args, { cwd }))
}

/** The process: how Node itself reads a config, and what it then throws, are its own. */
async function refusalOfProcess(args: readonly string[]): Promise<[code: number | null, stderr: string]> {
  return refusalOf(await start(args, { cwd: project }).ended)
}

function refusalOf({ code, stdout, stderr }: Ended): [code: number | null, stderr: string] {
  expect(stdout).toBe('')
  return [code, stderr.replaceAll(project, '.')]
}

describe('a command line that is wrong exits with 2, in one line', () => {
  it.each<[string, string]>([
    ['shwo r', "unknown command 'shwo'. Did you mean show? See: reprise --help"],
    ['--jsno', "unknown option '--jsno'. See: reprise --help"],
    ['show r --jsno', "unknown option '--jsno'. Did you mean --json? See: reprise show --help"],
    ['fork r', "required option '--at <number>' not specified. See: reprise fork --help"],
    ['show', "missing required argument 'run'. See: reprise show --help"],
    ['show a b', "too many arguments for 'show'. Expected 1 argument but got 2: a, b. See: reprise show --help"],
    [
      'show r --entry one',
      "option '--entry <number>' argument 'one' is invalid. It must be a whole number, 0 or more. See: reprise show --help",
    ],
    [
      'show r --entry 1 --request 1',
      "option '--entry <number>' cannot be used with option '--request <number>'. See: reprise show --help",
    ],
    [
      'runs --limit 0',
      "option '--limit <count>' argument '0' is invalid. It must be a whole number, 1 to 1000. See: reprise runs --help",
    ],
    [
      'runs --status done',
      "option '--status <status>' argument 'done' is invalid. Allowed choices are queued, running, waiting, completed, failed, cancelled, quarantined. See: reprise runs --help",
    ],
    [
      'send night review {approved:true}',
      `command-argument value '{approved:true}' is invalid for argument 'payload'. It must be JSON: true, 12, '"text"' or '{"key": "value"}', quoted for your shell. See: reprise send --help`,
    ],
  ])('reprise %s', async (line, message) => {
    expect(await refusal(line.split(' '))).toEqual([2, `reprise: ${message}\n`])
  })

  it('no command at all is told what there is', async () => {
    const [code, stderr] = await refusal([])
    expect([code, stderr.split('\n')[0]]).toEqual([2, 'Usage: reprise [options] [command]'])
  })
})

describe('what a command stands on and is not right exits with 1, in one line', () => {
  const unknown = (id: string): string =>
    `There is no run "${id}" in this store. Its first runs are: r, night, night/agent:clerk. Check the id, and that this is the right store.`

  it.each<[string, string]>([
    ...['show x', 'watch x', 'cancel x', 'verify x', 'resume x', 'replay x', 'settle-doubt x k --did-not-happen'].map(
      (line): [string, string] => [line, unknown('x')],
    ),
    [
      'show nigth',
      'There is no run "nigth" in this store. Did you mean night? Check the id, and that this is the right store.',
    ],
    [
      'show nig',
      'There is no run "nig" in this store. Did you mean night/agent:clerk or night? Check the id, and that this is the right store.',
    ],
    ['show r --entry 8', 'The run "r" has no entry 8. It has those from 0 to 7.'],
    ['show r --request 2', 'No model was asked at entry 2, which is call.returned. It was asked at: 1, 3, 6.'],
    [
      'show night --request 2',
      'No model was asked at entry 2, which is child.ended. This run asked none itself: look at its children.',
    ],
    ['runs --after x', 'The store at ./runs.db has no run "x". Give the id of a run that was started.'],
    ['runs --config no.ts', 'There is no config at ./no.ts. Give the path of one with --config.'],
    [
      'runs --config nothing.ts',
      'The config at ./nothing.ts exports no runtime; it exports nothing. Write in it: export const runtime = createRuntime({ ... })',
    ],
    [
      'runs --config default.ts',
      'The config at ./default.ts exports no runtime; it exports default, review. Write in it: export const runtime = createRuntime({ ... })',
    ],
    [
      'runs --config throws.ts',
      'The config at ./throws.ts cannot be loaded: No key. Set one. Mend that first; REPRISE_DEBUG=1 shows where it is.',
    ],
    ['runs --store no.db', 'There is no store at ./no.db. Check the path.'],
    [
      'runs --store diary.db',
      'The store at ./diary.db is not a SQLite database, and was left as it is. Give the path of a store, or of a file that does not exist yet.',
    ],
    ['verify --store folder.db', 'The store at ./folder.db is a folder. Give the path of a file in it.'],
    [
      'show r --store newer.db',
      'The store at ./newer.db has schema 99, but this program knows up to 6: it was left as it is. Upgrade @reprise/store to the version that wrote it, or choose another path.',
    ],
    [
      'runs --store foreign.db',
      'The store at ./foreign.db belongs to another program (application_id 0), and was left as it is. Give the path of a store, or of a file that does not exist yet.',
    ],
    [
      'init .',
      '. is not empty: it holds default.ts, diary.db, enum.ts, folder.db, foreign.db, …. Give an empty folder, or one that is not there yet.',
    ],
  ])('reprise %s', async (line, message) => {
    expect(await refusal(line.split(' '))).toEqual([1, `reprise: ${message}\n`])
  })

  it(
    'code that does not parse, lacks a package, or needs more than its types stripped, is named',
    { tags: 'slow' },
    async () => {
      expect(await refusalOfProcess(['runs', '--config', 'package.ts'])).toEqual([
        1,
        "reprise: The config at ./package.ts cannot be loaded: Cannot find package 'no-such-package' imported from ./package.ts. Mend that first; REPRISE_DEBUG=1 shows where it is.\n",
      ])
      expect(await refusal(['runs', '--config', 'syntax.ts'])).toEqual([
        1,
        expect.stringMatching(
          /^reprise: The config at \.\/syntax\.ts cannot be loaded: .+ Mend that first; REPRISE_DEBUG=1 shows where it is\.\n$/,
        ),
      ])
      expect(await refusalOfProcess(['runs', '--config', 'enum.ts'])).toEqual([
        1,
        'reprise: The config at ./enum.ts cannot be loaded: TypeScript enum is not supported in strip-only mode. Mend that first; REPRISE_DEBUG=1 shows where it is.\n',
      ])
    },
  )

  it('a folder without a config is told how to get one', async () => {
    expect(await refusal(['resume', 'r'], empty)).toEqual([
      1,
      `reprise: There is no reprise.config.ts in ${empty} or above. Go to a project's folder, name its config with --config, or make a project with: reprise init\n`,
    ])
  })

  it('what the code of a config throws later is one line too', { tags: 'slow' }, async () => {
    const [code, stderr] = await refusalOfProcess(['work', '--config', 'later.ts'])
    expect([code, stderr.split('\n').at(-2)]).toEqual([1, 'reprise: Too late. Set REPRISE_DEBUG=1 to see where.'])
  })
})

it('REPRISE_DEBUG=1 shows where an error comes from', async () => {
  const env = { REPRISE_DEBUG: '1' }
  const { stderr } = await reprise(['runs', '--config', 'throws.ts'], { cwd: project, env })
  expect(stderr).toMatch(/^DefinitionError: The config at \S+ cannot be loaded: No key\.\n.*\n? +at load /)
  expect(stderr).toContain(`at ${join(project, 'throws.ts')}`.replace('at ', ''))
})

it('an old Node is told before anything is loaded', async () => {
  const old = 'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.17.1" } })'
  const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(old)}`]
  expect(await start(['runs'], { cwd: project }, nodeArgs).ended).toEqual({
    code: 1,
    stdout: '',
    stderr: 'reprise: Node 22.17.1 is too old. Install Node 22.18 or newer.\n',
  })
})
