import type { Workload } from './workload.ts'

/** All workloads by name, with what each is; a workload loads what it needs, which an older commit may not have. */
export const workloads: Readonly<Record<string, { readonly title: string; readonly measure: Workload }>> = {
  w1: { title: 'cold start', measure: async (scale) => (await import('./w1-cold-start.ts')).coldStart(scale) },
  w2: { title: 'in memory', measure: async (scale) => (await import('./w2-in-memory.ts')).inMemory(scale) },
  w3: { title: 'durable, results of 2 KB', measure: async (scale) => (await import('./w3-durable.ts')).durable(scale) },
  w4: {
    title: 'resume after SIGKILL at 500 of 1,000 turns',
    measure: async (scale) => (await import('./w4-resume.ts')).resume(scale),
  },
  w5: {
    title: '1,000 runs in flight, 5 calls each, a model of 50 ms, power-safe',
    measure: async (scale) => (await import('./w5-in-flight.ts')).inFlight(scale),
  },
  w6: {
    title: '100 parallel calls in one turn',
    measure: async (scale) => (await import('./w6-parallel.ts')).parallel(scale),
  },
  w7: { title: '10,000 streamed deltas', measure: async (scale) => (await import('./w7-deltas.ts')).deltas(scale) },
  w8: {
    title: 'replay of 500 turns, offline, warm',
    measure: async (scale) => (await import('./w8-replay.ts')).replay(scale),
  },
  w9: { title: 'a file of 100,000 runs', measure: async (scale) => (await import('./w9-listing.ts')).listing(scale) },
  w10: {
    title: 'queued runs on one file, one call each, power-safe',
    measure: async (scale) => (await import('./w10-workers.ts')).workers(scale),
  },
  w11: {
    title: 'the fake server, requests of 4 KB, beside @copilotkit/aimock 1.43.0',
    measure: async (scale) => (await import('./w11-fake.ts')).fake(scale),
  },
  w12: {
    title: '10,000 runs to a golden file and from it, beside the store alone',
    measure: async (scale) => (await import('./w12-golden.ts')).golden(scale),
  },
  w13: {
    title: '1,000 stored runs of 20 turns, replayed offline',
    measure: async (scale) => (await import('./w13-replay-many.ts')).replayMany(scale),
  },
  w14: {
    title: 'a backtest of 1,000 runs of 10 turns, beside their replays',
    measure: async (scale) => (await import('./w14-backtest.ts')).backtest(scale),
  },
  w15: {
    title: 'on Postgres, 5 calls a run, beside SQLite and other frameworks',
    measure: async (scale) => (await import('./w15-postgres.ts')).onPostgres(scale),
  },
  w16: {
    title: 'a call under 20 rules, beside one under none, in memory',
    measure: async (scale) => (await import('./w16-rules.ts')).rules(scale),
  },
}
