// A golden file: runs as text that stands by itself, a line of JSON each for its head, each run, each entry, and its end.
//
//   {"reprise":"golden","version":1,"journal":2,"by":"reprise 0.2.0"}
//   {"run":"ticket-4711","kind":"agent","name":"support",…,"entries":8}
//   {"seq":0,"key":"run","kind":"run.started","attempt":1,"at":…,"digest":"…","body":{…}}
//   {"end":1}
//
// A body is the text that its store holds, and `digest` is of that text. Whoever writes a line anew, as `jq -c` does, changes
// no body: it is what JSON.stringify makes of the value, which is how every release has written it. Files may follow
// each other in one. Whose a run is, its tenant and user, stands there where that was said, and of which session it is which
// turn; of a run that has not ended,
// its concurrency and deadlineAt, too: they hold where it is put back. By when it was to be begun (expireAt), and before which
// others (priority), does not: whoever puts it back has decided that. After its end a file may say which changes of texts somebody has accepted.
import type { RunRow } from '../../contracts/run.ts'
import type { StoredEntry } from '../../contracts/write.ts'

/** The version of what the lines mean. Another meaning is another version; one that is unknown is refused. */
export const GOLDEN_VERSION = 1

/** What of a run's row is evidence. Who drove it, and what it waited for, is not: the latter stands in its entries. */
export type GoldenRow = Pick<
  RunRow,
  | 'id'
  | 'kind'
  | 'name'
  | 'version'
  | 'parentId'
  | 'parentKey'
  | 'lineageId'
  | 'forkOf'
  | 'forkSeq'
  | 'sessionId'
  | 'turn'
  | 'root'
  | 'round'
  | 'status'
  | 'tags'
  | 'tenant'
  | 'user'
  | 'concurrency'
  | 'deadlineAt'
  | 'createdAt'
  | 'endedAt'
  | 'totals'
>

/** A run of a golden file. */
export interface GoldenRun {
  /** The number of its line, from 1. */
  readonly line: number
  readonly row: GoldenRow
  /** From the first on, without gaps: one or more. */
  readonly entries: readonly StoredEntry[]
}
