// A folder that cannot be left. It is entered name by name from its root, and no link is followed on the way.
// On Linux each step is taken from the folder that is open (`/proc/self/fd/N/name`): nobody who moves folders, or puts
// links in their place meanwhile, can lead it elsewhere. Elsewhere Node offers no such step, so what was opened is held
// against the root once more before it is used.
import { constants, existsSync } from 'node:fs'
import { lstat, mkdir, open, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { ToolError } from '@reprise/core'
import { codeOf, explained, refusePath } from './refusals.ts'

/** The first two are undefined on Windows, which is no flag. */
const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants

/** An open folder. Whoever entered it closes it. */
export interface Folder {
  /** Where a name in this folder is; without one, the folder itself. */
  at(name?: string): string
  /** Checks that what was opened under a name is within the root. @throws ToolError when it is not. */
  confirm(name?: string): Promise<void>
  /** Brings the names in it to the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** How a folder is entered. */
interface EnterOptions {
  /** Makes the folders that are missing. @default false */
  readonly create?: boolean
  /** Steps from open folders. @default where the system can */
  readonly pinned?: boolean
}

/**
 * Enters a folder below a root, which alone may be a link.
 *
 * @param segments the names on the way, from `segmentsOf`.
 * @throws ToolError when the way is not there, or leads through a link or something that is not a folder.
 */
export async function enter(root: string, segments: readonly string[], options: EnterOptions = {}): Promise<Folder> {
  const { create = false, pinned = canPin() } = options
  let folder = await openRoot(root, pinned)
  for (const [index, name] of segments.entries()) {
    const above = folder
    const path = segments.slice(0, index + 1).join('/')
    try {
      folder = await explained(path, () => step(above, name, path, { root, create, pinned }))
    } finally {
      await above.close()
    }
  }
  return folder
}

let pins: boolean | undefined

function canPin(): boolean {
  return (pins ??= process.platform === 'linux' && existsSync('/proc/self/fd'))
}

async function openRoot(root: string, pinned: boolean): Promise<Folder> {
  try {
    return await openFolder(root, await realpath(root), pinned)
  } catch (cause) {
    throw new ToolError({
      code: 'no_root',
      message: `The folder of this tool cannot be opened (${codeOf(cause)}). Say so instead of trying again.`,
      details: { root },
      cause,
    })
  }
}

async function step(
  above: Folder,
  name: string,
  path: string,
  { root, create, pinned }: Required<EnterOptions> & { readonly root: string },
): Promise<Folder> {
  const place = above.at(name)
  if (create && (await makeFolder(place))) await above.sync()
  // The flags of the opening keep links out; this look only tells what is wrong.
  if ((await lstat(place)).isSymbolicLink()) throw refusePath(path, 'ELOOP')
  return openFolder(root, place, pinned)
}

async function makeFolder(place: string): Promise<boolean> {
  try {
    await mkdir(place)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

async function openFolder(root: string, place: string, pinned: boolean): Promise<Folder> {
  const handle = await open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  const here = pinned ? `/proc/self/fd/${handle.fd}` : place
  const folder: Folder = {
    at: (name) => (name === undefined ? here : join(here, name)),
    confirm: async (name) => {
      if (!pinned && !isWithin(await realpath(root), await realpath(folder.at(name)))) {
        throw refusePath(name ?? '.', 'ELOOP')
      }
    },
    sync: async () => {
      // Windows has no such thing.
      if (process.platform !== 'win32') await handle.sync()
    },
    close: () => handle.close(),
  }
  return folder
}

function isWithin(root: string, real: string): boolean {
  const way = relative(root, real)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
