import type { Row } from '../measure.ts'

/** How much is measured. */
export interface Scale {
  /** A few repetitions: for a look, not for a verdict. */
  readonly quick: boolean
}

/** Measures one thing. */
export type Workload = (scale: Scale) => Promise<Row[]>
