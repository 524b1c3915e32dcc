import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { messageOf } from '@reprise/core'
import { sqlite } from '@reprise/store'
import { type Finding, size, told, well, wrong } from './finding.ts'

/** The fewest free bytes with which a store can do its work for a while: its log alone may take some. */
const LEAST_FREE = 256 * 1_024 * 1_024

/** Whether Node.js and the driver of SQLite are there. An older Node.js does not come so far. */
export async function platform(): Promise<readonly Finding[]> {
  return [well('node', `Node.js ${process.versions.node} on ${process.platform}-${process.arch}`), await driver()]
}

async function driver(): Promise<Finding> {
  const store = sqlite(':memory:')
  try {
    await store.runs({})
    return well('driver', 'better-sqlite3 is loaded')
  } catch (error) {
    return told('driver', messageOf(error))
  } finally {
    await store.close().catch(() => undefined)
  }
}

/** Whether there is room where a store's file lies. */
export async function space(path: string): Promise<Finding> {
  const { bavail, bsize, blocks } = await statfs(dirname(path))
  const free = bavail * bsize
  const found = `${size(free)} of ${size(blocks * bsize)} are free where the store lies`
  if (free >= LEAST_FREE) return well('space', found)
  return wrong(
    'space',
    found,
    'Make room: delete old runs with reprise gc, or move the store. A full disk stops all runs until there is some.',
  )
}
