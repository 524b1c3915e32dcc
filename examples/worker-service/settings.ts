/** What the environment says. */
export interface Settings {
  readonly host: string
  readonly port: number
  /** The file of the runs. */
  readonly store: string
  /** Encrypts what runs hold: 32 bytes in base64. */
  readonly key: string | undefined
  /** Runs that are driven at a time. */
  readonly concurrency: number
  /** For how long runs are kept once they have ended. */
  readonly retention: { readonly completed: string; readonly failed: string; readonly cancelled: string }
  /** Which version of the workflow is started. */
  readonly release: 1 | 2
  /** Where the carrier has its books, and how long it takes to answer, in milliseconds. */
  readonly carrier: string
  readonly carrierMs: number
}

/** How long the process takes to end at most once it was told to, in milliseconds: the platform is to wait longer. */
export const DRAIN_MS = 20_000

/**
 * Reads what the service is told by its environment.
 *
 * @throws Error that names the variable that is wrong.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    host: env['HOST'] || '127.0.0.1',
    port: wholeNumber('PORT', env['PORT'] || '8080', 0, 65_535),
    store: pathOf(env['REPRISE_STORE'] || 'runs.db'),
    key: env['REPRISE_KEY'] || undefined,
    concurrency: wholeNumber('CONCURRENCY', env['CONCURRENCY'] || '10', 1, 10_000),
    retention: {
      completed: env['RETENTION_COMPLETED'] || '30d',
      failed: env['RETENTION_FAILED'] || '90d',
      cancelled: env['RETENTION_CANCELLED'] || '30d',
    },
    release: wholeNumber('RELEASE', env['RELEASE'] || '2', 1, 2) === 1 ? 1 : 2,
    carrier: env['CARRIER'] || 'carrier',
    carrierMs: wholeNumber('CARRIER_MS', env['CARRIER_MS'] || '20', 0, 60_000),
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN
  if (number >= least && number <= most) return number
  throw new Error(`${name} is "${text}". Set it to a whole number from ${least} to ${most}.`)
}

function pathOf(store: string): string {
  if (!/^[a-z]+:\/\//i.test(store)) return store
  throw new Error(
    `REPRISE_STORE is a URL. This service keeps its runs in a file: set it to a path, such as /data/runs.db.`,
  )
}
