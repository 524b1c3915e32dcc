// The ways in which the drill's database comes to be as it was earlier.
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { baseBackup, replayedTo, standbyOf } from './base-backup.fixture.ts'
import type { Way } from './drill.fixture.ts'
import { Proxy } from './proxy.fixture.ts'
import { PostgresServer } from './server.fixture.ts'
import { asAdmin } from './testing.fixture.ts'

const run = promisify(execFile)

/** The archived log, replayed up to a moment on a base backup. */
export const byLog: Way = {
  archives: true,
  backUp: async (server) => {
    const folder = await baseBackup(server)
    return {
      mark: async () => {
        await asAdmin(`select pg_create_restore_point('the moment')`, server.url())
        const [ended] = await asAdmin<{ name: string }>(`select pg_walfile_name(pg_switch_wal()) as name`, server.url())
        const archived = async (): Promise<boolean> => {
          const [last] = await asAdmin<{ name: string | null }>(
            'select last_archived_wal as name from pg_stat_archiver',
            server.url(),
          )
          return (last?.name ?? '') >= (ended?.name ?? '')
        }
        while (!(await archived())) await wait(20)
      },
      restore: () => replayedTo(folder, join(server.folder, 'archive'), 'the moment'),
      discard: () => rm(folder, { recursive: true, force: true }),
    }
  },
}

/** A standby that follows asynchronously, and is cut off from that moment on. */
export const byFailover: Way = {
  archives: true,
  backUp: async (server) => {
    const link = await Proxy.to(server.url())
    const standby = await standbyOf(await baseBackup(server), join(server.folder, 'archive'), link.url)
    return {
      mark: async () => {
        const [now] = await asAdmin<{ lsn: string }>('select pg_current_wal_lsn() as lsn', server.url())
        const reached = async (): Promise<boolean> => {
          const [at] = await asAdmin<{ isThere: boolean }>(
            `select coalesce(pg_last_wal_replay_lsn() >= '${now?.lsn}', false) as "isThere"`,
            standby.url(),
          )
          return at?.isThere ?? false
        }
        while (!(await reached())) await wait(20)
        link.halt()
      },
      restore: async () => {
        await link.close()
        await asAdmin('select pg_promote()', standby.url())
        return standby
      },
      discard: async () => undefined,
    }
  },
}

/** A dump by `pg_dump`, which is of the moment at which it began. */
export const byDump: Way = {
  archives: false,
  backUp: async (server) => {
    const file = join(server.folder, 'dump')
    await run('pg_dump', ['--format=custom', `--file=${file}`, server.url()])
    return {
      mark: async () => undefined,
      restore: async () => {
        const other = await PostgresServer.start()
        await run('pg_restore', ['--no-owner', `--dbname=${other.url()}`, file])
        return other
      },
      discard: async () => undefined,
    }
  },
}

/** Says why there can be no dump of a server of this major version; undefined where there can. */
export async function whyNoDump(version: number): Promise<string | undefined> {
  const said = await run('pg_dump', ['--version']).catch(() => undefined)
  if (said === undefined) return 'there is no pg_dump on the PATH'
  const major = Number(/(\d+)/.exec(said.stdout)?.[1])
  return major >= version ? undefined : `pg_dump is of version ${major}, and the server of ${version}`
}
