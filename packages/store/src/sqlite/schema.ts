import { FORMAT } from '@reprise/format'

/** Marks a database file as a journal of Reprise: "Rpse" in SQLite's `application_id`. */
export const APPLICATION_ID = 0x52707365

/**
 * The steps from each version of the tables to the next: the first makes version 1 out of an empty database.
 * A step that has been released is never edited.
 *
 * Reserved, and used by nothing yet: the tables `budgets`, `reservations`, `batches` and `batch_lines`.
 */
export const MIGRATIONS: readonly string[] = [
  `
  create table meta (schema integer not null, format integer not null) strict;
  insert into meta values (1, 1);

  create table runs (
    run integer primary key,
    id text not null unique,
    kind text not null,
    name text not null,
    version integer not null,
    parent_id text,
    parent_key text,
    session_id text,
    lineage_id text,
    fork_of text,
    fork_seq integer,
    status text not null,
    waiting text,
    wake_at integer,
    priority integer not null default 0,
    tags text not null,
    owner text,
    epoch integer not null,
    beat integer not null,
    attempts integer not null,
    created_at integer not null,
    ended_at integer,
    totals text not null
  ) strict;
  create index runs_status on runs (status);
  create index runs_name on runs (name);
  create index runs_owner on runs (owner) where owner is not null;
  create index runs_parent on runs (parent_id) where parent_id is not null;
  create index runs_runnable on runs (priority desc) where status in ('queued', 'running');
  create index runs_wake on runs (wake_at) where wake_at is not null and ended_at is null;

  create table entries (
    id integer primary key,
    run integer not null,
    seq integer not null,
    key text not null,
    kind integer not null,
    attempt integer not null,
    at integer not null,
    body any not null,
    hash blob not null,
    unique (run, seq)
  ) strict;

  create table blobs (address text not null unique, bytes blob not null) strict;
  create table blob_refs (run integer not null, address text not null, primary key (run, address)) strict, without rowid;
  create table lineage_keys (
    lineage_id text not null,
    key_id text not null,
    wrapped blob not null,
    primary key (lineage_id, key_id)
  ) strict;

  create table inbox (
    id integer primary key,
    run integer not null,
    dedupe text not null,
    kind text not null,
    body any not null,
    at integer not null,
    unique (run, dedupe)
  ) strict;

  create table budgets (
    scope text not null primary key,
    limit_nano integer,
    spent_nano integer not null,
    reserved_nano integer not null
  ) strict;
  create table reservations (
    scope text not null,
    run integer not null,
    key text not null,
    attempt integer not null,
    nano integer not null,
    at integer not null,
    primary key (scope, run, key, attempt)
  ) strict;

  create table batches (
    id text not null primary key,
    remote_id text unique,
    status text not null,
    body text not null,
    created_at integer not null,
    ended_at integer
  ) strict;
  create table batch_lines (
    batch text not null,
    line text not null,
    run integer not null,
    key text not null,
    attempt integer not null,
    body text,
    primary key (batch, line)
  ) strict;
  create index batch_lines_run on batch_lines (run);
  `,
  // How many entries a run had when it was last taken: who takes it again then has got it no further. And who else uses a
  // blob, for cleaning up.
  `
  alter table runs add column taken integer not null default 1;
  create index blob_refs_address on blob_refs (address);
  update meta set schema = 2;
  `,
  // Every run has a lineage: a child's is that of its root.
  `
  with recursive up (run, id, parent_id) as (
    select run, id, parent_id from runs
    union all
    select up.run, parent.id, parent.parent_id from up join runs parent on parent.id = up.parent_id
  )
  update runs set lineage_id = up.id from up where up.run = runs.run and up.parent_id is null and lineage_id is null;
  update meta set schema = 3;
  `,
  // meta.keys names the keys of an encrypted store, which stand in a file of their own: the bodies of entries and messages
  // are bytes there. In a database that was made before this step they are text, and it is none that is encrypted.
  `
  alter table meta add column keys text;
  alter table runs add column erased_at integer;
  alter table runs add column erased_by text;
  create index runs_lineage on runs (lineage_id) where lineage_id <> id;
  drop table lineage_keys;
  create table secrets (
    id integer primary key,
    lineage_id text not null,
    token text not null,
    value blob not null,
    unique (lineage_id, token)
  ) strict;
  update meta set schema = 4;
  `,
  // Beats stand in a table of owners, one row each, with how many runs were taken from each. A program that is older and
  // still at work finds its beats failing, so that it begins nothing more, and its runs are taken after a lease.
  // taken_id: the newest entry of all when a run was last taken: what a run below it has written since then is newer.
  // waits: all that a run waits for; waiting stays the soonest, and a doubt has an id. root and round: the rounds of a
  // workflow that goes on as another. tenant and user_id are for later.
  `
  create table owners (
    owner text not null primary key,
    beat integer not null,
    lost integer not null default 0
  ) strict, without rowid;
  insert into owners (owner, beat)
    select owner, max(beat) from runs where owner is not null and ended_at is null group by owner;

  alter table runs drop column beat;
  alter table runs add column taken_id integer not null default 0;
  alter table runs add column counted integer not null default 0;
  alter table runs add column waits text;
  alter table runs add column root text;
  alter table runs add column round integer not null default 1;
  alter table runs add column tenant text;
  alter table runs add column user_id text;
  update runs set taken_id = (select coalesce(max(id), 0) from entries);
  update runs set waiting = json_set(waiting, '$.id', waiting ->> '$.key') where waiting ->> '$.kind' = 'in-doubt';
  update runs set waits = json_array(json(waiting)) where waiting is not null;
  update runs set root = substr(id, 1, head - 1), round = cast(substr(id, head + 1) as integer)
    from (select run as own, length(rtrim(id, '0123456789')) as head from runs)
    where own = run and kind = 'workflow' and head < length(id) and substr(id, head, 1) = '~';

  drop index runs_owner;
  create index runs_owner on runs (owner, status) where owner is not null and ended_at is null;
  drop index runs_runnable;
  create index runs_runnable on runs (kind, name, priority desc)
    where owner is null and status in ('queued', 'running') and ended_at is null;
  drop index runs_wake;
  create index runs_wake on runs (kind, name, wake_at) where status = 'waiting' and wake_at is not null;
  create index runs_round on runs (root, round) where round > 1;
  create index runs_tenant on runs (tenant) where tenant is not null;
  create index runs_user on runs (user_id) where user_id is not null;

  create table run_tags (tag text not null, run integer not null, primary key (tag, run)) strict, without rowid;
  insert or ignore into run_tags select value, run from runs, json_each(tags);
  create index run_tags_run on run_tags (run);

  create index runs_fork on runs (fork_of) where fork_of is not null;

  create index runs_ended on runs (status, ended_at) where ended_at is not null;

  update meta set schema = 5, format = ${FORMAT};
  `,
  // What a run may be queued with (parked: it may run, and as many of its key as may be are before it); schedules; messages for runs that do not exist yet; who did what, without what it was about; facts, and their words in an index that keeps nothing of what is deleted.
  `
  alter table runs add column concurrency_key text;
  alter table runs add column concurrency_limit integer;
  alter table runs add column expire_at integer;
  alter table runs add column deadline_at integer;
  alter table runs add column turn integer;
  create unique index runs_session on runs (session_id, turn) where session_id is not null;
  alter table runs add column parked integer not null default 0;
  alter table runs add column promoted integer not null default 0;
  drop index runs_runnable;
  create index runs_runnable on runs (kind, name, priority desc)
    where owner is null and ended_at is null and (status = 'running' or (status = 'queued' and (wake_at is null or promoted = 1))) and parked = 0;
  create index runs_age on runs (kind, name)
    where owner is null and ended_at is null and (status = 'running' or (status = 'queued' and (wake_at is null or promoted = 1))) and parked = 0;
  create index runs_delayed on runs (kind, name, wake_at) where status = 'queued' and wake_at is not null and promoted = 0;
  create index runs_in_line on runs (concurrency_key, tenant, parked, priority desc)
    where concurrency_key is not null and owner is null and ended_at is null
      and (status = 'running' or (status = 'queued' and (wake_at is null or promoted = 1)));
  create index runs_slots on runs (concurrency_key, tenant)
    where concurrency_key is not null and owner is not null and ended_at is null;
  create index runs_expire on runs (expire_at) where expire_at is not null and status = 'queued';
  create index runs_deadline on runs (deadline_at) where deadline_at is not null and ended_at is null;
  create table early (
    run_id text not null,
    dedupe text not null,
    nth integer not null,
    kind text not null,
    body any not null,
    at integer not null,
    primary key (run_id, dedupe)
  ) strict, without rowid;

  create table schedules (
    name text not null primary key,
    etag text not null,
    kind text not null,
    definition text not null,
    due_at integer,
    paused integer not null,
    tenant text,
    user_id text,
    body any not null
  ) strict;
  create index schedules_due on schedules (due_at) where due_at is not null and paused = 0;
  create index runs_idle on runs (status, kind, name, waiting ->> '$.kind', wake_at)
    where owner is null and ended_at is null;
  create table audit (
    id integer primary key autoincrement,
    at integer not null,
    action text not null,
    by_id text not null,
    by_source text not null,
    run_id text,
    lineage_id text,
    tenant text,
    what text
  ) strict;
  create index audit_at on audit (at);
  create index audit_run on audit (run_id) where run_id is not null;
  create index audit_lineage on audit (lineage_id) where lineage_id is not null;
  create index audit_by on audit (by_id);
  create index audit_tenant on audit (tenant) where tenant is not null;
  create index audit_action on audit (action);

  create table facts (
    id integer primary key autoincrement,
    lineage_id text not null,
    tenant text,
    user_id text,
    memory text not null,
    place text not null,
    at integer not null,
    body any not null,
    unique (lineage_id, memory, place)
  ) strict;
  create index facts_tenant on facts (tenant) where tenant is not null;
  create index facts_user on facts (user_id) where user_id is not null;
  create virtual table fact_words using fts5 (scope, words, tokenize = 'unicode61 remove_diacritics 0');
  insert into fact_words (fact_words, rank) values ('secure-delete', 1);

  create index runs_tenant_runnable on runs (tenant, kind, name, priority desc)
    where tenant is not null and owner is null and ended_at is null
      and (status = 'running' or (status = 'queued' and (wake_at is null or promoted = 1))) and parked = 0;
  create index runs_tenant_age on runs (tenant, kind, name)
    where tenant is not null and owner is null and ended_at is null
      and (status = 'running' or (status = 'queued' and (wake_at is null or promoted = 1))) and parked = 0;
  create index runs_tenant_delayed on runs (tenant, kind, name, wake_at)
    where tenant is not null and status = 'queued' and wake_at is not null and promoted = 0;
  create index runs_tenant_wake on runs (tenant, kind, name, wake_at)
    where tenant is not null and status = 'waiting' and wake_at is not null;
  create index runs_tenant_ended on runs (tenant, status, ended_at) where tenant is not null and ended_at is not null;
  create index runs_tenant_user on runs (tenant, user_id) where tenant is not null and user_id is not null;
  create index runs_tenant_status on runs (tenant, status) where tenant is not null;
  update meta set schema = 6;
  `,
]
