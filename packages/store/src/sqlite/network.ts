import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'

/** File systems on which the locks or the shared memory of SQLite's log do not hold between machines, by their numbers on Linux. */
const NETWORK: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xfe534d42: 'SMB',
  0xff534d42: 'CIFS',
  0x01021997: '9p',
  0x65735546: 'FUSE',
  0x5346414f: 'AFS',
  0x00c36400: 'Ceph',
  0x0bd00bd0: 'Lustre',
  0x786f4256: 'VirtualBox',
}

const warned = new Set<string>()

/**
 * Warns of a path on a file system that other machines may share, once for each path.
 * It is a warning of the process: a store has no log of its own, and is opened by programs that have no runtime.
 */
export function warnOfNetwork(path: string): void {
  const name = networkOf(path)
  if (name === undefined || warned.has(path)) return
  warned.add(path)
  process.emitWarning(
    `The store at ${path} lies on a file system of the sort ${name}. Where several machines share it, SQLite's locks may not hold and runs may be lost: put the file on a local disk.`,
    { type: 'RepriseWarning', code: 'store_network' },
  )
}

/** The sort of network file system that a path lies on; undefined where it is none, or the system does not tell. */
export function networkOf(path: string): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    // A number of 32 bits, which some systems give with its sign.
    return NETWORK[statfsSync(dirname(path)).type >>> 0]
  } catch {
    return undefined
  }
}
