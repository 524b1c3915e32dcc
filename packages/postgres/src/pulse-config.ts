import type { ClientConfig } from 'pg'
import type { Place } from './place.ts'

/** Of what a pool was made, what a connection of its own needs. */
const CONFIG = [
  'connectionString',
  'host',
  'port',
  'user',
  'password',
  'database',
  'ssl',
  'sslnegotiation',
  'options',
] as const

/** What a thread connects by; undefined where some of it cannot be given to one. */
export function configOf(place: Place): ClientConfig | undefined {
  if (typeof place === 'string') return { connectionString: place }
  const { ssl } = place.options
  const config = Object.fromEntries(CONFIG.map((name) => [name, place.options[name]]))
  // A pool hides the key of its certificate from whoever copies it.
  if (ssl && ssl !== true) config['ssl'] = { ...ssl, key: ssl.key }
  try {
    return structuredClone(config)
  } catch {
    return undefined
  }
}
