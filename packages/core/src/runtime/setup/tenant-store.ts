// A store as a runtime of one tenant sees it: whatever names a run, or lists some, comes through here, and finds no other
// tenant's. What drives runs does not, since it is done by the runtime that this one came from, for runs that were found here.
import type { RunFilter, RunRow } from '../../contracts/run.ts'
import type { Store } from '../../contracts/store.ts'
import { StoreError } from '../../values/errors.ts'

/** Each member of a store, so that a new one is not forgotten; undefined for what a tenant's has not. */
type AllOf = { readonly [K in keyof Store]-?: Store[K] | undefined }

/** Gives the part of a store that is one tenant's. What it has not got fails, and what is another's is as if it were not there. */
export function tenantStore(store: Store, tenant: string): Store {
  const own = <Row extends Pick<RunRow, 'tenant'>>(row: Row | undefined): Row | undefined =>
    row?.tenant === tenant ? row : undefined
  const find = async (runId: string): Promise<RunRow | undefined> => own(await store.run(runId))
  const found = async (runId: string): Promise<RunRow> => {
    const row = await find(runId)
    if (row) return row
    throw new StoreError({
      code: 'store_no_run',
      message: `There is no run "${runId}". Check the id.`,
      details: { runId },
    })
  }
  const isOther = (given: string | undefined): boolean => given !== undefined && given !== tenant
  const isOtherWhose = (given: string | null | undefined): boolean => given !== undefined && given !== tenant
  const all: AllOf = {
    transacts: store.transacts,
    run: find,
    newest: async (root) => own(await store.newest(root)),
    // Of rows that were given here; what came of them is the same tenant's.
    used: (runIds) => store.used(runIds),
    async runs(filter: RunFilter) {
      if (filter.after !== undefined) await found(filter.after)
      return isOther(filter.tenant) ? [] : store.runs({ ...filter, tenant })
    },
    entries: async (runId, from) => ((await find(runId)) ? store.entries(runId, from) : []),
    inbox: async (runId) => ((await find(runId)) ? store.inbox(runId) : []),
    async send(message, secrets, note) {
      await found(message.runId)
      return store.send(message, secrets, note)
    },
    take: (taker, filter) => store.take(taker, { ...filter, tenant }),
    overdue: (filter) => store.overdue({ ...filter, tenant }),
    // Ids are one set: what is left here for one that another tenant takes would be that one's.
    sendEarly: notHere('sendEarly'),
    gc: (before, statuses, limit) => store.gc(before, statuses, limit, tenant),
    async erase(lineageId, ...rest) {
      // The first run of a lineage may be gone: the others are this tenant's, or nobody here would know of it.
      if (await store.run(lineageId)) await found(lineageId)
      return store.erase(lineageId, ...rest)
    },
    schedules: async (filter) => (isOther(filter.tenant) ? [] : store.schedules({ ...filter, tenant })),
    dueSchedules: (filter) => store.dueSchedules({ ...filter, tenant }),
    async keepSchedule(change) {
      const { name } = change.schedule
      const [before] = await store.schedules({ name, limit: 1 })
      if (!before || before.tenant === tenant) return store.keepSchedule(change)
      throw new StoreError({
        code: 'schedule_taken',
        message: `The name "${name}" is taken: names of schedules are one set for all tenants. Use another.`,
        details: { schedule: name },
      })
    },
    async deleteSchedule(name, erases) {
      const [before] = await store.schedules({ name, tenant, limit: 1 })
      return before !== undefined && store.deleteSchedule(name, erases)
    },
    facts: async (filter) => (isOtherWhose(filter.tenant) ? [] : store.facts({ ...filter, tenant })),
    search: async (query) => (query.scope.tenant === tenant ? store.search(query) : []),
    async keepFact(fact, note) {
      if (fact.scope.tenant !== tenant) throw new Error("The facts of a runtime of one tenant are that tenant's.")
      await store.keepFact(fact, note)
    },
    eraseFacts: async (of, note) =>
      isOtherWhose(of.tenant) ? { facts: 0 } : store.eraseFacts({ ...of, tenant }, note),
    audit: async (filter) => (isOther(filter.tenant) ? [] : store.audit({ ...filter, tenant })),
    note: (notes) => store.note(notes),
    noteErased: notHere('noteErased'),
    // Of lineages whose runs were given here.
    secrets: store.secrets?.bind(store),
    commitsAtOnce: undefined,
    listen: undefined,
    queue: notHere('queue'),
    commit: notHere('commit'),
    transact: undefined,
    // Whose a run is that is meant there is looked at by who asks.
    within: store.within?.bind(store),
    claim: notHere('claim'),
    heartbeat: notHere('heartbeat'),
    owned: notHere('owned'),
    // They name no run: whoever asks wants to know whether the store answers.
    owners: () => store.owners(),
    mail: notHere('mail'),
    pruneAudit: notHere('pruneAudit'),
    keepAlive: undefined,
    hold: undefined,
    backup: undefined,
    close: notHere('close'),
  }
  // What it has not got is left out, as it is of any store.
  return Object.fromEntries(Object.entries(all).filter(([, member]) => member !== undefined)) as unknown as Store
}

function notHere(what: string): () => never {
  return () => {
    throw new Error(`store.${what} is not for a runtime of one tenant: what drives runs has the whole store`)
  }
}
