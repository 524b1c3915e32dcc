import type { EntryOf } from '../contracts/entry.ts'
import type { Rewound } from '../contracts/rewound.ts'

/** What a run goes on with at a key after one more entry that says so. */
export function rewoundAfter(
  before: Rewound | undefined,
  { key, body: { from, to } }: Pick<EntryOf<'run.rewound'>, 'key' | 'body'>,
): Rewound {
  return { key, instead: [...(before?.instead ?? []), from], to }
}

/**
 * The children that a run has had at a key, the one that it goes on with last.
 *
 * @param begun the child that it began there.
 */
export function childrenOf(rewound: Rewound | undefined, begun: string): readonly string[] {
  return rewound ? [...rewound.instead, rewound.to] : [begun]
}

/** Tells from now on whether a run goes on with another child at a key by then: what came of the one before is nobody's. */
export function leavesAt(rewoundAt: (key: string) => Rewound | undefined, key: string): () => boolean {
  const child = rewoundAt(key)?.to
  return () => rewoundAt(key)?.to !== child
}
