// Copies of a server at work, by what any Postgres has: a base backup is its files, copied between two statements.
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { PostgresServer } from './server.fixture.ts'

/** Copies all data of a server, while it is in use; gives the folder. The log, without which the copy is nothing, is archived. */
export async function baseBackup(server: PostgresServer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
  // Who runs the server must reach it.
  await chmod(folder, 0o755)
  const client = new pg.Client(server.url())
  await client.connect()
  try {
    await client.query(`select pg_backup_start('a base backup', true)`)
    await copyInto(join(server.folder, 'data'), join(folder, 'data'), (path) => !NOT_COPIED.test(path))
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop()')
    await writeAs(join(folder, 'data'), 'backup_label', rows[0]?.labelfile ?? '')
  } finally {
    await client.end()
  }
  return folder
}

/** Starts a server on a base backup, which plays the archived log up to a point that was given a name, and writes from there. */
export async function replayedTo(backup: string, archive: string, point: string): Promise<PostgresServer> {
  await writeAs(join(backup, 'data'), 'recovery.signal', '')
  const settings = { recovery_target_name: point, recovery_target_action: 'promote', ...restoring(archive) }
  return PostgresServer.on(backup, settings, 'writes')
}

/** Starts a server on a base backup, which follows another one at an address, and waits for nothing of it to be lost. */
export async function standbyOf(backup: string, archive: string, url: string): Promise<PostgresServer> {
  await writeAs(join(backup, 'data'), 'standby.signal', '')
  return PostgresServer.on(backup, { primary_conninfo: url, ...restoring(archive) }, 'follows')
}

function restoring(archive: string): { readonly restore_command: string } {
  return { restore_command: `cp "${archive}/%f" "%p"` }
}

/** What belongs to the server that runs, and not to its data: by the documentation of Postgres. */
const NOT_COPIED = /^(postmaster\.(pid|opts)|(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots)\/.*)$/

/** Copies a folder of files that come and go meanwhile, for the user whose they are. */
async function copyInto(from: string, to: string, isCopied: (path: string) => boolean, below = ''): Promise<void> {
  const { uid, gid, mode } = await stat(join(from, below))
  await mkdir(join(to, below), { mode, recursive: true })
  await chown(join(to, below), uid, gid)
  for (const entry of await readdir(join(from, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory() && (isCopied(path) || path === 'pg_wal')) await copyInto(from, to, isCopied, path)
    else if (entry.isFile() && isCopied(path)) await copyOne(join(from, path), join(to, path))
  }
}

async function copyOne(from: string, to: string): Promise<void> {
  try {
    const { uid, gid } = await stat(from)
    await copyFile(from, to)
    await chown(to, uid, gid)
  } catch (thrown) {
    // A table that was dropped meanwhile.
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown
  }
}

/** Writes a file for the user whose the folder is. */
async function writeAs(folder: string, name: string, text: string): Promise<void> {
  const { uid, gid } = await stat(folder)
  await writeFile(join(folder, name), text)
  await chown(join(folder, name), uid, gid)
}
