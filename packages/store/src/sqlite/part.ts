import { randomUUID } from 'node:crypto'
import { closeSync, fchmodSync, lstatSync, openSync } from 'node:fs'

/** Makes an empty file that is nobody else's beside a path, with these permissions; it is renamed when it is whole. */
export function makePart(path: string, mode: number): string {
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  makeEmpty(part, mode)
  return part
}

/**
 * Makes an empty file where nothing stands, readable by nobody else until it has its permissions.
 *
 * @param mode whatever the process's umask is.
 * @throws what the system says where something stands there.
 */
export function makeEmpty(path: string, mode: number): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    fchmodSync(file, mode)
  } finally {
    closeSync(file)
  }
}

/** Tells whether anything stands at a path, a link that leads nowhere too. */
export function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
