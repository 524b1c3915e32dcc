/** A child that a run goes on with instead of another. */
export interface Rewound {
  /** Of the call, or the step, that the child is of. */
  readonly key: string
  readonly from: string
  readonly to: string
}
