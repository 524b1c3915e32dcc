import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** What a process of the demo left behind. */
export interface DemoEnd {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A process of the demo. */
export interface Demo {
  readonly child: ChildProcess
  readonly end: Promise<DemoEnd>
}

/**
 * Starts the demo as a process of its own, in an environment that names no model unless it is told.
 *
 * @param input what it reads.
 */
export function startDemo(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ''): Demo {
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, REPRISE_MODEL: _model, ...rest } = process.env
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    env: { ...rest, ...env },
    stdio: 'pipe',
  })
  // One that was killed reads nothing any more.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const exit = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject))
  const end = Promise.all([exit, text(child.stdout), text(child.stderr)]).then(([code, stdout, stderr]) => ({
    code,
    stdout,
    stderr,
  }))
  return { child, end }
}

/** Runs the demo to its end. */
export function runDemo(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<DemoEnd> {
  return startDemo(args, env).end
}
