import { FORMAT } from '@reprise/format'

/** One step of the tables, for a schema's name as it stands in SQL: quoted. */
export type Step = (schema: string) => string

/** Names that are compared by their bytes, as JavaScript does, whatever the database's language is. */
const NAME = 'text collate "C"'

const MAY_RUN = `(status = 'running' or (status = 'queued' and (wake_at is null or promoted)))`

/** What may run, and stands where takers look: of the runs of one key only as many as may be taken, the others are parked. */
export const RUNNABLE = `owner is null and ended_at is null and ${MAY_RUN} and not parked`

/** What is queued for a moment. */
export const DELAYED = `status = 'queued' and wake_at is not null and not promoted and owner is null and ended_at is null`

/** What has a key, and may run: `line` names the key and the tenant. Then what has a key and is owned, and what rests. */
export const IN_LINE = `line is not null and owner is null and ended_at is null and ${MAY_RUN}`
export const HELD = 'line is not null and owner is not null and ended_at is null'
export const OUT_OF_LINE = `line is not null and owner is null and ended_at is null and not ${MAY_RUN}`

/**
 * The steps from each version of the tables to the next: the first makes version 1 out of nothing. A step that has been
 * released is never edited, and breaks no program that knows the step before where that can be avoided: it adds columns with
 * defaults, tables and indexes. One that would break such a program raises `meta.least`.
 *
 * Numbers of JavaScript stand in bigint where nothing says that they are small. Of two columns `body` and `sealed` one holds
 * the text: `sealed` in a store that is encrypted. JSON stands in text: jsonb would not give it back to the character, and
 * refuses U+0000. Only totals, which are numbers, may be read as JSON. A blob stands in its row, or outside by its name; of one
 * whose row was deleted the name stands in `dead_blobs` until it is deleted as well. `mark` is counted on by processes at work, and
 * kept where the keys are, by `history`: a journal of an earlier moment is known by it.
 */
export const MIGRATIONS: readonly Step[] = [
  (s) => `
  create table ${s}.meta (
    one boolean primary key default true check (one),
    schema integer not null,
    least integer not null,
    format integer not null,
    keys text,
    masters text[] not null default '{}',
    blobs text not null default left(gen_random_uuid()::text, 8),
    history ${NAME} not null default gen_random_uuid(),
    mark bigint not null default 0
  );
  insert into ${s}.meta (schema, least, format) values (1, 1, ${FORMAT});

  create table ${s}.runs (
    run bigint generated always as identity primary key,
    id ${NAME} not null unique,
    kind ${NAME} not null,
    name ${NAME} not null,
    version bigint not null,
    parent_id ${NAME},
    parent_key ${NAME},
    lineage_id ${NAME} not null,
    key_id ${NAME},
    fork_of ${NAME},
    fork_seq bigint,
    session_id ${NAME},
    turn bigint,
    root ${NAME},
    round bigint not null,
    status ${NAME} not null,
    waiting text,
    waiting_kind ${NAME},
    waits text,
    wake_at bigint,
    promoted boolean not null default false,
    priority bigint not null,
    tags text[] not null,
    tenant ${NAME},
    user_id ${NAME},
    concurrency_key ${NAME},
    concurrency_limit bigint,
    line ${NAME},
    parked boolean not null default false,
    expire_at bigint,
    deadline_at bigint,
    owner ${NAME},
    epoch bigint not null,
    attempts bigint not null,
    taken bigint not null default 1,
    taken_xid bigint not null default 0,
    counted boolean not null default false,
    created_at bigint not null,
    ended_at bigint,
    erased_at bigint,
    erased_by text,
    totals text not null
  ) with (fillfactor = 70);
  create index runs_owner on ${s}.runs (owner) where owner is not null and ended_at is null;
  create index runs_runnable on ${s}.runs (kind, name, priority desc, run) where ${RUNNABLE};
  create index runs_age on ${s}.runs (kind, name, (- run)) where ${RUNNABLE};
  create index runs_delayed on ${s}.runs (kind, name, wake_at) where ${DELAYED};
  create index runs_in_line on ${s}.runs (line, parked, priority desc, run) where ${IN_LINE};
  create index runs_slots on ${s}.runs (line) where ${HELD};
  create index runs_out_of_line on ${s}.runs (line) where ${OUT_OF_LINE};
  create index runs_expire on ${s}.runs (expire_at) where expire_at is not null and status = 'queued' and ended_at is null;
  create index runs_deadline on ${s}.runs (deadline_at) where deadline_at is not null and ended_at is null;
  create index runs_wake on ${s}.runs (kind, name, wake_at) where status = 'waiting' and wake_at is not null;
  create index runs_status on ${s}.runs (status, run);
  create index runs_ended on ${s}.runs (status, ended_at, run) where ended_at is not null;
  create index runs_name on ${s}.runs (name, run);
  create index runs_created on ${s}.runs (created_at);
  create index runs_parent on ${s}.runs (parent_id, run) where parent_id is not null;
  create index runs_lineage on ${s}.runs (lineage_id) where lineage_id <> id;
  create index runs_round on ${s}.runs (root, round) where round > 1;
  create unique index runs_session on ${s}.runs (session_id, turn) where session_id is not null;
  create index runs_fork on ${s}.runs (fork_of, run) where fork_of is not null;
  create index runs_tenant on ${s}.runs (tenant, run) where tenant is not null;
  create index runs_user on ${s}.runs (user_id, run) where user_id is not null;
  create index runs_tenant_user on ${s}.runs (tenant, user_id, run) where tenant is not null and user_id is not null;
  create index runs_tenant_status on ${s}.runs (tenant, status, run) where tenant is not null;
  create index runs_tenant_runnable on ${s}.runs (tenant, kind, name, priority desc, run)
    where tenant is not null and ${RUNNABLE};
  create index runs_tenant_age on ${s}.runs (tenant, kind, name, (- run)) where tenant is not null and ${RUNNABLE};
  create index runs_tenant_wake on ${s}.runs (tenant, kind, name, wake_at)
    where tenant is not null and status = 'waiting' and wake_at is not null;
  create index runs_tenant_ended on ${s}.runs (tenant, status, ended_at, run) where tenant is not null and ended_at is not null;
  create index runs_tags on ${s}.runs using gin (tags) where tags <> '{}';
  create index runs_open on ${s}.runs (run) where ended_at is null;
  create index runs_going on ${s}.runs (run) where erased_at is not null and erased_by is null;

  create table ${s}.owners (
    owner ${NAME} primary key,
    beat bigint not null,
    lost bigint not null default 0
  ) with (fillfactor = 50);

  create table ${s}.entries (
    run bigint not null,
    seq bigint not null,
    at bigint not null,
    attempt bigint not null,
    kind smallint not null,
    key ${NAME} not null,
    body text,
    sealed bytea,
    hash bytea not null,
    primary key (run, seq)
  ) with (autovacuum_vacuum_scale_factor = 0.02);

  create table ${s}.blobs (address ${NAME} primary key, bytes bytea, name ${NAME}, check ((bytes is null) <> (name is null)));
  create unique index blobs_name on ${s}.blobs (name) where name is not null;
  create table ${s}.dead_blobs (name ${NAME} primary key);
  create table ${s}.blob_refs (
    run bigint not null,
    address ${NAME} not null references ${s}.blobs,
    primary key (run, address)
  );
  create index blob_refs_address on ${s}.blob_refs (address);

  create table ${s}.inbox (
    id bigint generated always as identity primary key,
    run bigint not null,
    dedupe ${NAME} not null,
    kind ${NAME} not null,
    at bigint not null,
    body text,
    sealed bytea,
    unique (run, dedupe)
  );

  create table ${s}.early (
    id bigint generated always as identity primary key,
    run_id ${NAME} not null,
    dedupe ${NAME} not null,
    kind ${NAME} not null,
    at bigint not null,
    key_id ${NAME},
    body text,
    sealed bytea,
    unique (run_id, dedupe)
  );
  create index early_at on ${s}.early (at);

  create table ${s}.lines (line ${NAME} primary key, turn bigint not null default 0) with (fillfactor = 50);
  create table ${s}.line_changes (id bigint generated always as identity primary key, line ${NAME} not null);
  create index line_changes_line on ${s}.line_changes (line);

  create table ${s}.secret_counts (lineage_id ${NAME} primary key, count bigint not null);
  create table ${s}.secrets (
    lineage_id ${NAME} not null,
    number bigint not null,
    token ${NAME} not null,
    value bytea not null,
    primary key (lineage_id, number),
    unique (lineage_id, token)
  );

  create table ${s}.schedules (
    name ${NAME} primary key,
    etag ${NAME} not null,
    kind ${NAME} not null,
    definition ${NAME} not null,
    due_at bigint,
    paused boolean not null,
    tenant ${NAME},
    user_id ${NAME},
    key_id ${NAME},
    body text,
    sealed bytea
  );
  create index schedules_due on ${s}.schedules (due_at, name) where due_at is not null and not paused;
  create index schedules_user on ${s}.schedules (user_id, name) where user_id is not null;

  create table ${s}.facts (
    id bigint generated always as identity primary key,
    lineage_id ${NAME} not null,
    key_id ${NAME},
    tenant ${NAME},
    user_id ${NAME},
    memory ${NAME} not null,
    place ${NAME} not null,
    at bigint not null,
    body text,
    sealed bytea,
    words tsvector,
    unique (lineage_id, memory, place)
  );
  create index facts_tenant on ${s}.facts (tenant, id) where tenant is not null;
  create index facts_user on ${s}.facts (user_id, id) where user_id is not null;

  create table ${s}.audit (
    id bigint generated always as identity primary key,
    at bigint not null,
    action ${NAME} not null,
    by_id ${NAME} not null,
    by_source ${NAME} not null,
    run_id ${NAME},
    lineage_id ${NAME},
    tenant ${NAME},
    what text
  );
  create index audit_at on ${s}.audit (at, id);
  create index audit_run on ${s}.audit (run_id, id) where run_id is not null;
  create index audit_lineage on ${s}.audit (lineage_id, id) where lineage_id is not null;
  create index audit_by on ${s}.audit (by_id, id);
  create index audit_tenant on ${s}.audit (tenant, id) where tenant is not null;
  create index audit_action on ${s}.audit (action, id);

  create table ${s}.erasing (lineage ${NAME} primary key, at bigint not null, by text not null);
  `,
]

/**
 * The steps of what must not come back with a restored journal: the wrapped key of each lineage, or, in its place, that it
 * was erased; and how far each history of the journal had come. They stand in a schema of the same name, in another database where the store was given one.
 */
export const KEY_MIGRATIONS: readonly Step[] = [
  (s) => `
  create table ${s}.vault (
    one boolean primary key default true check (one),
    schema integer not null,
    least integer not null,
    format integer not null,
    id text not null
  );
  insert into ${s}.vault (schema, least, format, id) values (1, 1, 1, gen_random_uuid());
  create table ${s}.masters (id ${NAME} primary key);
  create table ${s}.keys (lineage ${NAME} primary key, id ${NAME} not null, master ${NAME} not null, wrapped bytea not null);
  create table ${s}.erased (lineage ${NAME} primary key, at bigint not null, by text not null);
  create table ${s}.marks (history ${NAME} primary key, mark bigint not null) with (fillfactor = 50);
  `,
]
