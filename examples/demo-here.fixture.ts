import { vi } from 'vitest'

/** What a command line of a demo left behind. */
export interface DemoEnd {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a demo in this process, one at a time; test runs name no model, but `env` may. */
export async function demoHere(
  demo: (argv: readonly string[]) => Promise<number>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<DemoEnd> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  try {
    const code = await demo(args)
    return { code, stdout: linesOf(log.mock.calls), stderr: linesOf(error.mock.calls) }
  } finally {
    log.mockRestore()
    error.mockRestore()
    vi.unstubAllEnvs()
  }
}

function linesOf(calls: readonly (readonly unknown[])[]): string {
  return calls.map(([line]) => `${String(line)}\n`).join('')
}
