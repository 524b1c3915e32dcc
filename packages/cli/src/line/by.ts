import type { Author } from '@reprise/core'

/** Who does something at a command line, as the audit keeps it: whoever types it says so, and nothing shows it. */
export function byHand(name = 'unknown'): Author {
  return { id: name, source: 'cli' }
}
