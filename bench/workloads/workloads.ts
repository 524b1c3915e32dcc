import { coldStart } from './w1-cold-start.ts'
import { inMemory } from './w2-in-memory.ts'
import { durable } from './w3-durable.ts'
import { resume } from './w4-resume.ts'
import { inFlight } from './w5-in-flight.ts'
import { parallel } from './w6-parallel.ts'
import { deltas } from './w7-deltas.ts'
import { replay } from './w8-replay.ts'
import { listing } from './w9-listing.ts'
import type { Workload } from './workload.ts'

/** All workloads by name, with what each is. */
export const workloads: Readonly<Record<string, { readonly title: string; readonly measure: Workload }>> = {
  w1: { title: 'cold start', measure: coldStart },
  w2: { title: 'in memory', measure: inMemory },
  w3: { title: 'durable, results of 2 KB', measure: durable },
  w4: { title: 'resume after SIGKILL at 500 of 1,000 turns', measure: resume },
  w5: { title: '1,000 runs in flight, 5 calls each, a model of 50 ms, power-safe', measure: inFlight },
  w6: { title: '100 parallel calls in one turn', measure: parallel },
  w7: { title: '10,000 streamed deltas', measure: deltas },
  w8: { title: 'replay of 500 turns, offline, warm', measure: replay },
  w9: { title: 'a file of 100,000 runs', measure: listing },
}
