import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import { ToolError } from '@reprise/core'
import { enter, type Folder } from './folder.ts'
import { explained, refuse, refusePath } from './refusals.ts'
import { segmentsOf } from './segments.ts'

/** Without O_NONBLOCK, a pipe that took a file's place would hold the opening up. The first two are no flags on Windows. */
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/** A file that is open for reading. */
export interface OpenFile {
  readonly handle: FileHandle
  readonly bytes: number
}

/**
 * Opens a file below a root, gives it to `use`, and closes it.
 *
 * @throws ToolError for links, pipes, devices, folders, what is not there, and what is larger than `maxBytes`.
 */
export async function withFile<T>(
  root: string,
  path: string,
  maxBytes: number,
  use: (file: OpenFile) => Promise<T>,
): Promise<T> {
  const segments = segmentsOf(path)
  const name = segments.pop()
  if (name === undefined) throw refusePath(path, 'EISDIR')
  const folder = await enter(root, segments)
  try {
    return await withFileIn(folder, name, path, maxBytes, use)
  } finally {
    await folder.close()
  }
}

/** The same for a name in a folder that is open. `path` is what the model calls it. */
export async function withFileIn<T>(
  folder: Folder,
  name: string,
  path: string,
  maxBytes: number,
  use: (file: OpenFile) => Promise<T>,
): Promise<T> {
  return explained(path, async () => {
    const place = folder.at(name)
    // Opening a device may already do something, so it is looked at first.
    checkRegular(path, await lstat(place))
    const handle = await open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const stats = await handle.stat()
      checkRegular(path, stats)
      await folder.confirm(name)
      if (stats.size > maxBytes) throw tooLarge(path, stats.size, maxBytes)
      return await use({ handle, bytes: stats.size })
    } finally {
      await handle.close()
    }
  })
}

/**
 * Reads a whole file.
 *
 * @throws ToolError when more than `maxBytes` come, whatever the size was said to be, and the signal's reason when it
 * aborts.
 */
export async function readWhole(
  { handle, bytes }: OpenFile,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let total = 0
  for (;;) {
    signal.throwIfAborted()
    const room = Buffer.allocUnsafe(Math.min(Math.max(bytes - total, 4_096) + 1, 1 << 20))
    const { bytesRead } = await handle.read(room)
    if (bytesRead === 0) return Buffer.concat(chunks)
    total += bytesRead
    if (total > maxBytes) throw tooLarge(path, total, maxBytes)
    chunks.push(room.subarray(0, bytesRead))
  }
}

/** @throws ToolError for what is no file of bytes. */
export function checkRegular(path: string, stats: Stats): void {
  if (stats.isFile()) return
  if (stats.isSymbolicLink()) throw refusePath(path, 'ELOOP')
  if (stats.isDirectory()) throw refusePath(path, 'EISDIR')
  throw refuse('not_a_file', path, 'is no regular file but a pipe, a socket or a device', 'Go on without it.')
}

function tooLarge(path: string, bytes: number, maxBytes: number): ToolError {
  return new ToolError({
    code: 'file_too_large',
    message: `${JSON.stringify(path)} has ${bytes} bytes or more, and this tool takes ${maxBytes} at most. Go on without it, and say so.`,
    details: { path, bytes, maxBytes },
  })
}
