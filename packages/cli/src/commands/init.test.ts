import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fakeOpenAI } from '@reprise/fake-openai'
import { beforeAll, describe, expect, it } from 'vitest'
import { printed, reprise, start, tempFolder } from '../reprise.fixture.ts'

const run = promisify(execFile)
const parent = tempFolder()
const project = join(parent, 'My Agents')
let made: string

beforeAll(async () => {
  mkdirSync(join(project, '.git'), { recursive: true })
  made = (await start(['init', 'My Agents'], { cwd: parent }).ended).stdout
  // Stands for `npm install`: the packages of this workspace under their own names.
  symlinkSync(join(import.meta.dirname, '../../../../node_modules'), join(project, 'node_modules'))
})

/** Runs a program in the project. */
async function inProject(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await run(program, args, {
    cwd: project,
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  return stdout
}

describe('reprise init', () => {
  it('makes a project where only a repository stands, and tells what to do then', async () => {
    expect(made).toBe(`Made in ${project}:
  README.md
  .gitignore
  main.ts
  package.json
  reprise.config.ts
  src/find-order.ts
  src/support.test.ts
  src/support.ts
  tsconfig.json

Then, there:
  npm install
  npm test                          the agent works an order, by a script in the place of a model
  OPENAI_API_KEY=… npm start        a real model does
  npx reprise runs                  what happened
`)
  })

  it('names the project after its folder, and takes the packages of this version', () => {
    const own = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }
    const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as Record<string, object>
    expect(manifest['name']).toBe('my-agents')
    const packages = Object.entries({ ...manifest['dependencies'], ...manifest['devDependencies'] })
    expect(packages.filter(([name]) => name.startsWith('@reprise/'))).toEqual(
      ['core', 'openai', 'store', 'cli', 'testing'].map((name) => [`@reprise/${name}`, `^${own.version}`]),
    )
  })

  it('its tests pass, and so do its types', { tags: 'slow' }, async () => {
    expect(await inProject('node', ['--run', 'test'])).toContain(
      'an order is looked up before the customer is answered',
    )
    // Most of what is to be compiled are the packages themselves, which are as they were the last time.
    const notes = join(project, 'node_modules/.cache/tsbuild/init.tsbuildinfo')
    await inProject('node', ['--run', 'check', '--', '--incremental', '--tsBuildInfoFile', notes])
  })

  it('its agent answers, and the command line finds the run, tells it and replays it', { tags: 'slow' }, async () => {
    await using openai = await fakeOpenAI(({ body }) =>
      body.input.some((item) => item.type === 'function_call_output')
        ? { text: '{ "resolution": "solved", "reply": "It is on its way." }' }
        : { calls: [{ name: 'find_order', arguments: { orderId: '4711' } }] },
    )
    expect(
      await inProject('node', ['--run', 'start'], { OPENAI_API_KEY: 'any', OPENAI_BASE_URL: openai.url }),
    ).toContain("kind: 'completed'")
    const { runs } = JSON.parse(
      await printed(['runs', '--json', '--store', join(project, 'runs.db')], { cwd: parent }),
    ) as { runs: { id: string }[] }
    const id = runs[0]?.id ?? expect.fail()
    expect(await printed(['show', id], { cwd: join(project, 'src') })).toContain(
      'call:0 find_order returns {"orderId":"4711","status":"shipped"}',
    )
    expect(await start(['replay', '--all'], { cwd: project }).ended).toEqual({
      code: 0,
      stdout:
        'In flight: no runs.\n\nAnswers: the run goes the same way.\n\n1 of 1 run matched: 1 had ended, 0 in flight.\n',
      stderr: '',
    })
  })

  it('leaves a folder alone that is not empty', async () => {
    const before = readFileSync(join(project, 'main.ts'), 'utf8')
    const { code, stderr } = await reprise(['init', project], { cwd: parent })
    expect(code).toBe(1)
    expect(stderr).toBe(
      `reprise: ${project} is not empty: it holds .gitignore, README.md, main.ts, node_modules, package.json, …. Give an empty folder, or one that is not there yet.\n`,
    )
    expect(readFileSync(join(project, 'main.ts'), 'utf8')).toBe(before)
  })

  it('prints what it made as JSON', async () => {
    const folder = join(parent, 'other')
    const { files, ...rest } = JSON.parse(await printed(['init', 'other', '--json'], { cwd: parent })) as {
      files: string[]
    }
    expect(rest).toEqual({ folder })
    expect(files).toContain('.gitignore')
  })
})

describe('of what stands in a new project, git is shown', () => {
  const cwd = tempFolder()
  const fresh = join(cwd, 'fresh')

  beforeAll(async () => {
    await printed(['init', 'fresh'], { cwd })
    spawnSync('git', ['init', '-q', fresh])
  })

  it.each([
    ['runs.db', true],
    ['runs.db-wal', true],
    ['runs.db.keys', true],
    ['runs.db.keys-journal', true],
    ['runs.db.backup', true],
    ['master.key', true],
    ['.env', true],
    ['.env.local', true],
    ['.env.example', false],
    ['main.ts', false],
  ])('%s: passed over is %s', (name, isIgnored) => {
    const { status } = spawnSync('git', ['-C', fresh, 'check-ignore', '-q', name])
    expect(status).toBe(isIgnored ? 0 : 1)
  })
})
