/** What is looked at, of a set-up and of a store. */
export type Check =
  | 'node'
  | 'driver'
  | 'config'
  | 'definitions'
  | 'models'
  | 'service'
  | 'clock'
  | 'space'
  | 'file'
  | 'disk'
  | 'store'
  | 'move'
  | 'journal'
  | 'schema'
  | 'key'
  | 'log'
  | 'processes'
  | 'owners'
  | 'runs'
  | 'queue'
  | 'growth'
  | 'server'
  | 'durability'
  | 'tables'
  | 'vacuum'
  | 'hints'
  | 'blobs'

/** One thing that was looked at. */
export interface Finding {
  readonly check: Check
  /** Whether nobody has to act. */
  readonly ok: boolean
  readonly found: string
  /** What to do; null where there is nothing. What is ok and has one is to be known. */
  readonly remedy: string | null
}

/** Something that is well. */
export function well(check: Check, found: string): Finding {
  return { check, ok: true, found, remedy: null }
}

/** Something that may be meant so. */
export function known(check: Check, found: string, remedy: string): Finding {
  return { check, ok: true, found, remedy }
}

/** Something that is wrong. */
export function wrong(check: Check, found: string, remedy: string): Finding {
  return { check, ok: false, found, remedy }
}

/** An error says itself what to do. */
export function told(check: Check, message: string): Finding {
  const [, what = message, remedy = ''] = /^(.*?[^.]\.) (.*)$/s.exec(message) ?? []
  return wrong(check, what.replace(/\.$/, ''), remedy)
}

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const

/** A number of bytes: `3.0 MB`. */
export function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const number = bytes / 1_024 ** power
  return `${power === 0 ? number : number.toFixed(1)} ${UNITS[power]}`
}
