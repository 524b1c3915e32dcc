/**
 * Gives the paths of the files that SQLite stores have open in this thread: of all copies of this package. A store opens its
 * file at its first use.
 *
 * @example
 * ```ts
 * import { openStores, sqlite } from '@reprise/store'
 *
 * await using store = sqlite('desk.db')
 * await store.runs({})
 * console.log((await openStores()).map((path) => path.endsWith('desk.db'))) // [ true ]
 * ```
 */
export async function openStores(): Promise<readonly string[]> {
  // Importing this package loads no file system.
  const { openPaths } = await import('./open-files.ts')
  return openPaths()
}
