// What a workflow's journal cannot have, whatever its code is: something that is begun twice or ends before it has begun, an
// attempt that is not the next, a message that came before. Such an entry was not written there.
import type { Entry, EntryKind, EntryOf } from '../contracts/entry.ts'
import { RUN_KEY } from '../journal/keys.ts'
import { blockedEffectOf } from '../journal/blocked-effect.ts'
import { at, type Difference, unbegun } from './agree.ts'

/** The keys under which patches are recorded: no other key begins so. */
export const PATCH_KEY = 'patched:'

/** The shape of one journal, as far as it was read. */
export class Shape {
  readonly #begun = new Map<string, Entry>()
  readonly #ended = new Set<string>()
  /** The children that stand in the place of those that were begun. */
  readonly #rewound = new Map<string, string>()
  readonly #patches = new Set<string>()
  /** The ids of the messages of each signal. */
  readonly #messages = new Map<string, Set<string>>()
  #latest: EntryKind | undefined
  #forkedAt = -1

  /** Takes note of the next entry, or says what should stand in its place. */
  next(entry: Entry): Difference | undefined {
    const odd = this.#look(entry)
    this.#latest = entry.kind
    return odd
  }

  #look(entry: Entry): Difference | undefined {
    switch (entry.kind) {
      case 'run.started':
        return entry.seq === 0 ? undefined : again(entry)
      case 'run.waiting':
        return this.#rest(entry)
      case 'message.received':
        return this.#message(entry)
      case 'timer.set':
      case 'child.started':
        return this.#beginning(entry)
      case 'timer.fired':
      case 'child.ended':
      case 'race.won':
        return this.#end(entry)
      case 'step.failed':
        return entry.body.retryAt === null ? this.#end(entry) : this.#beginning(entry)
      case 'step.returned':
        return entry.key.startsWith(PATCH_KEY) ? this.#patch(entry) : this.#end(entry)
      case 'run.rewound':
        return this.#rewind(entry)
      case 'run.forked':
        this.#forkedAt = entry.seq
        return undefined
      case 'run.quarantined':
      case 'run.released':
      case 'run.completed':
      case 'run.failed':
      case 'run.cancelled':
        return undefined
      // Of an agent's journal: the code does not ask for them, which is found where they stand.
      case 'history.joined':
      case 'definition.changed':
      case 'model.asked':
      case 'model.replied':
      case 'model.failed':
      case 'call.judged':
      case 'approval.asked':
      case 'approval.given':
      case 'answer.asked':
      case 'call.intended':
      case 'call.returned':
      case 'call.failed':
      case 'call.doubted':
      case 'call.resolved':
      case 'memory.read':
      case 'handoff.made':
      case 'output.judged':
      case 'history.compacted':
        return undefined
      default:
        return entry satisfies never
    }
  }

  #rest(entry: EntryOf<'run.waiting'>): Difference | undefined {
    if (entry.key !== RUN_KEY || entry.attempt !== 1) return { recorded: ofAttempt(entry), today: `rest at ${RUN_KEY}` }
    return this.#latest === entry.kind ? again(entry) : undefined
  }

  #beginning(entry: EntryOf<'timer.set' | 'child.started' | 'step.failed'>): Difference | undefined {
    const { kind, key } = entry
    const before = this.#begun.get(key)
    // A fork has children of its own; a time that was set stays set.
    const isAnew = !before || kind === 'step.failed' || (kind === 'child.started' && before.seq < this.#forkedAt)
    if (!isAnew || this.#ended.has(key)) return again(entry)
    const odd = this.#attempt(entry)
    if (!odd) this.#begun.set(key, entry)
    if (kind === 'child.started') this.#rewound.delete(key)
    return odd
  }

  /** A child is changed for another between its beginning and its end. */
  #rewind(entry: EntryOf<'run.rewound'>): Difference | undefined {
    const { key, attempt, body } = entry
    const begun = this.#begun.get(key)
    if (begun?.kind !== 'child.started' || this.#ended.has(key)) return unbegun(entry)
    const child = this.#rewound.get(key) ?? begun.body.runId
    if (body.from !== child) return { recorded: `${at(entry)}, from "${body.from}"`, today: `go on with "${child}"` }
    this.#rewound.set(key, body.to)
    return attempt === 1 ? undefined : { recorded: ofAttempt(entry), today: 'make attempt 1' }
  }

  #end(
    entry: EntryOf<'step.returned' | 'step.failed' | 'timer.fired' | 'child.ended' | 'race.won'>,
  ): Difference | undefined {
    const { kind, key } = entry
    if (this.#ended.has(key)) return again(entry)
    if ((kind === 'timer.fired' || kind === 'child.ended') && !this.#begun.has(key)) return unbegun(entry)
    const odd = this.#attempt(entry)
    // Of an end that the code is not told of, a fork may begin it anew.
    if (!odd && (kind !== 'child.ended' || blockedEffectIn(entry) === undefined)) this.#ended.add(key)
    return odd
  }

  #attempt(entry: Entry): Difference | undefined {
    const before = this.#begun.get(entry.key)
    // A fork counts its attempts anew.
    const next = before?.kind === 'step.failed' && before.seq > this.#forkedAt ? before.attempt + 1 : 1
    return entry.attempt === next ? undefined : { recorded: ofAttempt(entry), today: `make attempt ${next}` }
  }

  #patch(entry: EntryOf<'step.returned'>): Difference | undefined {
    const { key, attempt } = entry
    if (this.#patches.has(key)) return again(entry)
    this.#patches.add(key)
    return attempt === 1 ? undefined : { recorded: ofAttempt(entry), today: 'make attempt 1' }
  }

  #message(entry: EntryOf<'message.received'>): Difference | undefined {
    const { signal, id } = entry.body
    const before = this.#messages.get(signal) ?? new Set()
    const key = `message:${signal}/${before.size}`
    if (before.has(id)) return again(entry)
    if (entry.key !== key || entry.attempt !== 1) return { recorded: ofAttempt(entry), today: `receive it at ${key}` }
    this.#messages.set(signal, before.add(id))
    return undefined
  }
}

/** What kept a child from going on, where it came to what its run may not do. */
export function blockedEffectIn({ body: { ending } }: EntryOf<'child.ended'>): string | undefined {
  return 'error' in ending ? blockedEffectOf(ending.error) : undefined
}

function again(entry: Entry): Difference {
  return { recorded: `${at(entry)}, once more`, today: 'have it once' }
}

function ofAttempt(entry: Entry): string {
  return `${at(entry)}, attempt ${entry.attempt}`
}
