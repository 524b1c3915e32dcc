/** What is odd of somebody's code, for whoever wrote it: it is logged once for what it is about. */
export interface Remark {
  /** The code and what is odd of it, whatever it is given. */
  readonly about: string
  readonly line: string
}
