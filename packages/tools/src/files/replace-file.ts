import { constants } from 'node:fs'
import { access, lstat, open, readdir, rename, rm } from 'node:fs/promises'
import { digest } from '@reprise/core'
import type { Folder } from '../folder/folder.ts'
import { checkRegular } from '../folder/open-file.ts'
import { codeOf, explained, refuse } from '../folder/refusals.ts'

const { W_OK, O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants

/**
 * Puts a file with this content under a name, in one step: beside it first, then renamed, each on the disk before the
 * next.
 *
 * @param path what the model calls the file.
 * @param key the call's: an attempt that was cut short left a file of this key, and it is removed.
 * @throws ToolError when something else than a file stands there, or one that may not be written.
 */
export async function replaceFile(
  folder: Folder,
  name: string,
  path: string,
  bytes: Uint8Array,
  key: string,
): Promise<void> {
  const mine = `.reprise-${digest(key).slice(0, 16)}-`
  const beside = folder.at(`${mine}${crypto.randomUUID()}`)
  await explained(path, async () => {
    const mode = await modeOf(folder.at(name), path)
    await removeLeft(folder, mine)
    await folder.confirm()
    try {
      await writeDown(beside, bytes, mode)
      await rename(beside, folder.at(name))
    } catch (error) {
      await rm(beside, { force: true })
      throw error
    }
    await folder.sync()
  })
}

/** The permissions of the file that is there. A rename would replace one that nobody may write, too. */
async function modeOf(place: string, path: string): Promise<number | undefined> {
  try {
    const stats = await lstat(place)
    checkRegular(path, stats)
    await checkWritable(place, path, stats.mode)
    return stats.mode & 0o777
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Who may do everything (root) is told by the mode alone. */
async function checkWritable(place: string, path: string, mode: number): Promise<void> {
  const denied =
    (mode & 0o222) === 0 ||
    (await access(place, W_OK).then(
      () => false,
      (error: unknown) => codeOf(error) !== 'ENOENT',
    ))
  if (denied) throw refuse('read_only_file', path, 'is read-only', 'Write another file, or say so.')
}

async function removeLeft(folder: Folder, mine: string): Promise<void> {
  for (const name of await readdir(folder.at())) if (name.startsWith(mine)) await rm(folder.at(name), { force: true })
}

async function writeDown(place: string, bytes: Uint8Array, mode: number | undefined): Promise<void> {
  const handle = await open(place, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
  try {
    if (mode !== undefined) await handle.chmod(mode)
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
