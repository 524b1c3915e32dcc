import { randomBytes } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DefinitionError, messageOf, StoreError } from '@reprise/core'
import { checkBlobName, isBlobName } from './blob-name.ts'
import type { BlobStore, ListedBlob } from './blob-store.ts'

/** How old a file must be that a crash has left half written before it is taken away, in milliseconds. */
const HALF_WRITTEN_MS = 86_400_000

/**
 * Keeps blobs in a folder, which it makes where there is none: each a file that is there whole or not at all, also after the
 * loss of power. Several machines may share it where their file system keeps a rename whole.
 *
 * @param path of the folder; nothing else stands in it.
 * @throws DefinitionError with code `bad_argument` when it is no path.
 * @example
 * ```ts
 * import { folder } from '@reprise/postgres'
 *
 * const blobs = folder('reprise-blobs')
 * for await (const { name, at } of blobs.list()) console.log(name, new Date(at))
 * ```
 */
export function folder(path: string): BlobStore {
  if (typeof path !== 'string' || path.trim() === '')
    throw new DefinitionError({
      code: 'bad_argument',
      message: `folder was given path ${JSON.stringify(path)}. Give it the path of a folder for blobs alone.`,
    })
  return new FolderBlobs(resolve(path))
}

class FolderBlobs implements BlobStore {
  readonly #path: string
  /** The folders below of which it is known that their names are on the disk, or will be. */
  readonly #named = new Map<string, Promise<void>>()
  #placed: Promise<void> | undefined

  constructor(path: string) {
    this.#path = path
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#pathOf(name)
    return this.#do('write', name, async () => {
      const above = dirname(path)
      const made = await mkdir(above, { recursive: true, mode: 0o700 })
      if (made !== undefined) this.#forget(above)
      const half = `${path}.${randomBytes(4).toString('hex')}.half`
      try {
        await writeDurably(half, bytes)
        await rename(half, path)
      } catch (thrown) {
        await rm(half, { force: true })
        throw thrown
      }
      // Its name is on the disk, too, and so are those of all folders that it is in.
      await syncFolder(above)
      await this.#name(above)
    })
  }

  /**
   * Sees to it that the name of a folder below is on the disk, once. Also where it was there: whoever has made it, here or
   * elsewhere, may have done so just now.
   */
  #name(above: string): Promise<void> {
    const known = this.#named.get(above)
    if (known) return known
    const naming = (async () => {
      await syncFolder(this.#path)
      await (this.#placed ??= syncAbove(this.#path))
    })()
    this.#named.set(above, naming)
    naming.catch(() => this.#forget(above))
    return naming
  }

  #forget(above: string): void {
    this.#named.delete(above)
    this.#placed = undefined
  }

  get(name: string): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(name)
    return this.#do('read', name, () => orUndefined(readFile(path)))
  }

  async delete(names: readonly string[]): Promise<void> {
    const paths = names.map((name) => [name, this.#pathOf(name)] as const)
    for (const [name, path] of paths) await this.#do('delete', name, () => orUndefined(unlink(path)))
  }

  async *list(): AsyncGenerator<ListedBlob, void, undefined> {
    for (const below of await this.#entries(this.#path)) {
      if (!below.isDirectory()) continue
      const above = join(this.#path, below.name)
      for (const file of await this.#entries(above)) {
        const found = await this.#do('read', file.name, () => orUndefined(stat(join(above, file.name))))
        if (!found) continue
        if (isBlobName(file.name)) yield { name: file.name, at: found.mtimeMs }
        else if (file.name.endsWith('.half') && Date.now() - found.mtimeMs > HALF_WRITTEN_MS)
          await this.#do('delete', file.name, () => rm(join(above, file.name), { force: true }))
      }
    }
  }

  /** Few files to a folder: some file systems are slow with many. */
  #pathOf(name: string): string {
    checkBlobName(name)
    return join(this.#path, name.slice(0, 2), name)
  }

  async #entries(path: string): Promise<readonly Dirent[]> {
    return (await this.#do('read', path, () => orUndefined(readdir(path, { withFileTypes: true })))) ?? []
  }

  async #do<T>(what: 'read' | 'write' | 'delete', name: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (thrown) {
      const code = codeOf(thrown)
      throw new StoreError({
        code: 'blobs_failed',
        message: `The folder of blobs ${this.#path} failed to ${what} ${name}: ${messageOf(thrown)}. Look at the disk, and at the rights of this user there.`,
        details: { path: this.#path, name, ...(code !== undefined && { code }) },
        retryable: code !== undefined && MAY_MEND.has(code),
        cause: thrown,
      })
    }
  }
}

const MAY_MEND: ReadonlySet<string> = new Set([
  'EAGAIN',
  'EBUSY',
  'EDQUOT',
  'EINTR',
  'EMFILE',
  'ENFILE',
  'ENOSPC',
  'ESTALE',
])

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Windows opens no folders, and needs no flush of them. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const opened = await open(path, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

/** What says of a folder above that it may not be flushed, or needs no flush: nothing was made in it then. */
const NOT_FLUSHED = new Set(['EACCES', 'EPERM', 'EINVAL', 'EROFS', 'ENOTSUP'])

/** Flushes all folders that one is in. */
async function syncAbove(path: string): Promise<void> {
  for (let above = dirname(path), below = path; above !== below; below = above, above = dirname(above))
    try {
      await syncFolder(above)
    } catch (thrown) {
      if (!NOT_FLUSHED.has(codeOf(thrown) ?? '')) throw thrown
    }
}

async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return undefined
    throw thrown
  }
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
}
