import type { Queryable } from './database.ts'
import type { FoundHolder, FoundServer, FoundTable } from './examination.ts'
import type { Tables } from './tables.ts'

interface ServerRecord {
  readonly version: string
  readonly standby: boolean
  readonly fsync: string
  readonly full_page_writes: string
  readonly synchronous_commit: string
  readonly autovacuums: boolean
  readonly age: number
  readonly freeze: number
  readonly sees: boolean
}

/** What a server says of itself, and whether it shows this user what others do. */
export async function lookAtServer(
  db: Queryable,
): Promise<{ readonly server: FoundServer; readonly seesOthers: boolean }> {
  const [found] = await db.query<ServerRecord>(`
    select current_setting('server_version') as version, pg_is_in_recovery() as standby,
      current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
      current_setting('synchronous_commit') as synchronous_commit,
      current_setting('autovacuum')::boolean and current_setting('track_counts')::boolean as autovacuums,
      (select age(datfrozenxid) from pg_catalog.pg_database where datname = current_database())::bigint as age,
      current_setting('autovacuum_freeze_max_age')::bigint as freeze,
      pg_has_role('pg_read_all_stats', 'usage') as sees`)
  if (!found) throw new Error('A statement without a table answers with one row.')
  const { version, standby, fsync, full_page_writes, synchronous_commit, autovacuums, age, freeze, sees } = found
  return {
    server: {
      version,
      isStandby: standby,
      durability: { fsync, full_page_writes, synchronous_commit },
      autovacuums,
      transactionIds: { age, vacuumedAt: freeze },
    },
    seesOthers: sees,
  }
}

/** How large the tables of a store are, as the server has counted them last: nothing is read. The largest come first. */
export function lookAtTables(db: Queryable, schema: string, tables: Tables): Promise<readonly FoundTable[]> {
  return db.query<FoundTable>(
    `select c.relname as name, coalesce(pg_total_relation_size(c.oid), 0) as bytes,
        greatest(c.reltuples, s.n_live_tup, 0)::bigint as rows, coalesce(s.n_dead_tup, 0) as "deadRows",
        (extract(epoch from clock_timestamp() - greatest(s.last_autovacuum, s.last_vacuum)) * 1000)::bigint as "vacuumedAgoMs"
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        left join pg_catalog.pg_stat_all_tables s on s.relid = c.oid
      where n.nspname = $1 and c.relkind = 'r' and c.relname = any($2::text[])
      order by bytes desc, name`,
    [schema, Object.keys(tables)],
  )
}

/** What keeps a server for the longest from cleaning this database; undefined where nothing does, or this user is not shown it. */
export async function lookForHolder(db: Queryable): Promise<FoundHolder | undefined> {
  const [found] = await db.query<FoundHolder>(`
    select * from (
      select 'transaction' as kind, pid, coalesce(application_name, '') as name, state,
          (extract(epoch from clock_timestamp() - xact_start) * 1000)::bigint as "openMs",
          greatest(age(backend_xid), age(backend_xmin))::bigint as transactions
        from pg_catalog.pg_stat_activity
        where pid <> pg_backend_pid() and backend_type in ('client backend', 'walsender') and xact_start is not null
          and (backend_xid is not null or backend_xmin is not null) and (datname is null or datname = current_database())
      union all
      select 'prepared transaction', null, gid, null, (extract(epoch from clock_timestamp() - prepared) * 1000)::bigint,
          age(transaction)
        from pg_catalog.pg_prepared_xacts where database = current_database()
      union all
      select 'replication slot', active_pid, slot_name, null, null, age(xmin)
        from pg_catalog.pg_replication_slots where xmin is not null
    ) held order by transactions desc, "openMs" desc nulls last limit 1`)
  return found
}

/** When the first of the runs ended that are kept, in milliseconds since 1970; null where none has. */
export async function lookForFirstEnded(db: Queryable, { runs }: Tables): Promise<number | null> {
  const [found] = await db.query<{ first: number | null }>(`
    select min(first.ended_at) as first from unnest(array['completed', 'failed', 'cancelled']) ended (status)
      cross join lateral (
        select ended_at from ${runs} r where r.status = ended.status and ended_at is not null order by ended_at limit 1
      ) first`)
  return found?.first ?? null
}
