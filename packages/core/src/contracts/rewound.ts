/** A child that a run goes on with instead of others. */
export interface Rewound {
  /** Of the call, or the step, that the child is of. */
  readonly key: string
  /** Those that it goes on without, in the order in which it did: whoever died in between may have cancelled none of them. */
  readonly instead: readonly string[]
  readonly to: string
}
