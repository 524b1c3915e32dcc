import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Io } from './line/io.ts'
import { main } from './main.ts'

const packages = join(import.meta.dirname, '../..')
const bin = join(packages, 'cli/bin/reprise.js')

/** Makes a folder that sees the packages of this workspace and goes when the test run is done. */
export function tempFolder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'reprise-cli-')))
  symlinkSync(join(packages, '../node_modules'), join(path, 'node_modules'))
  return path
}

/** Writes a config over the desk; `definitions` and `models` are expressions over its exports. */
export function writeConfig(folder: string, definitions = 'desk.definitions', more = '', models = 'desk.models'): void {
  const desk = JSON.stringify(join(import.meta.dirname, 'desk.fixture.ts'))
  writeFileSync(
    join(folder, 'reprise.config.ts'),
    `import { createRuntime } from '@reprise/core'
import { sqlite } from '@reprise/store'
import * as desk from ${desk}
export const runtime = desk.reopening(() => createRuntime({
  store: sqlite(import.meta.dirname + '/runs.db'), models: ${models}, definitions: ${definitions},
}))
${more}`,
  )
}

/** What a command line left behind. */
export interface Ended {
  /** Null when a signal ended its process. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a command line is run with, beside its arguments. */
export interface Surroundings {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  readonly stdin?: AsyncIterable<string>
  /** The size of the terminal that it prints on, where it does. */
  readonly terminal?: { readonly columns: number; readonly rows: number }
}

/** Stands in for the process of a command line; who asks it to stop emits the signal. */
class StandIn extends EventEmitter implements Io {
  readonly stdout = new PassThrough()
  readonly stderr = new PassThrough()
  readonly env: NodeJS.ProcessEnv
  readonly cwd: () => string
  readonly stdin?: AsyncIterable<string>
  exitCode = 0

  constructor({ cwd, env = {}, stdin, terminal }: Surroundings) {
    super()
    if (terminal) Object.assign(this.stdout, { isTTY: true, ...terminal })
    this.env = env
    if (stdin) this.stdin = stdin
    this.cwd = () => cwd
  }
}

/** Begins a command line in this process, and gathers what it prints. */
export function begin(args: readonly string[], surroundings: Surroundings) {
  const io = new StandIn(surroundings)
  const printing = Promise.all([text(io.stdout), text(io.stderr)])
  const ended = main(args, io).then(async (): Promise<Ended> => {
    io.stdout.end()
    io.stderr.end()
    const [stdout, stderr] = await printing
    return { code: io.exitCode, stdout, stderr }
  })
  return { io, ended }
}

/** Runs a command line to its end in this process. */
export function reprise(args: readonly string[], surroundings: Surroundings): Promise<Ended> {
  return begin(args, surroundings).ended
}

/** Runs a command that is to go well, and gives what it prints. */
export async function printed(args: readonly string[], surroundings: Surroundings): Promise<string> {
  const { code, stdout, stderr } = await reprise(args, surroundings)
  if (code !== 0 || stderr !== '') throw new Error(`reprise ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`)
  return stdout
}

/** A timeline without the times of this machine. */
export function untimed(output: string): string {
  return output.replaceAll(/^( +\d+) +\+.*?  /gm, '$1  ')
}

/** Makes a process of the command line, in an environment that tells it nothing. */
export function launch(args: readonly string[], { cwd, env = {} }: Surroundings, nodeArgs: readonly string[] = []) {
  const { PATH, HOME, SystemRoot, TEMP, NODE_COMPILE_CACHE } = process.env
  return spawn(process.execPath, [...nodeArgs, bin, ...args], {
    cwd,
    env: { PATH, HOME, SystemRoot, TEMP, NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Starts the command line as a process, for what only a process has, and gathers what it prints. */
export function start(args: readonly string[], surroundings: Surroundings, nodeArgs?: readonly string[]) {
  const child = launch(args, surroundings, nodeArgs)
  const exit = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject))
  const ended = Promise.all([exit, text(child.stdout), text(child.stderr)]).then(([code, stdout, stderr]): Ended => ({
    code,
    stdout,
    stderr,
  }))
  return { child, ended }
}
