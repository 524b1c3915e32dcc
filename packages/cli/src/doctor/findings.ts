import type { RetentionOptions } from '@reprise/core'
import type { Examination, FoundOwner, FoundRuns, Process } from '@reprise/store'
import { count } from '../show/used.ts'
import { growth, queue } from './backlog.ts'
import { type Finding, size, told, well, wrong } from './finding.ts'

/**
 * Says of a store that was looked at what is well and what is not, each with what to do.
 *
 * @param retention of the runtime that works on it; undefined where that is not known.
 */
export function findingsOf(examination: Examination, retention?: RetentionOptions): readonly Finding[] {
  return [
    file(examination),
    disk(examination),
    ...store(examination),
    ...move(examination),
    ...journal(examination),
    ...schema(examination),
    ...key(examination),
    ...log(examination),
    processes(examination),
    ...owners(examination),
    ...runs(examination),
    ...queue(examination),
    ...growth(examination, retention),
  ]
}

function file({ path, bytes, logBytes }: Examination): Finding {
  return well('file', `${path}, ${size(bytes)}, and ${size(logBytes)} of log`)
}

function disk({ network }: Examination): Finding {
  if (network === null) return well('disk', 'no network file system that is known')
  return wrong(
    'disk',
    `a file system of the sort ${network}, on which locks may not hold between machines: runs may be lost`,
    'Put the file on a local disk, or see to it that one machine alone uses it.',
  )
}

/** The errors of the store say themselves what to do. */
function store({ fault }: Examination): readonly Finding[] {
  return fault === null ? [] : [told('store', fault.message)]
}

function move({ moved }: Examination): readonly Finding[] {
  if (moved === null) return []
  const { to, done } = moved
  if (done)
    return [wrong('move', `it is moved to ${to}, and takes nothing any more`, 'Give that store in your config.')]
  const remedy = 'Begin the move again, and it goes on: reprise move. Or give it up: reprise move --give-up'
  return [wrong('move', `it is being moved to ${to}, where not all is yet, and takes nothing any more`, remedy)]
}

function journal({ journalMode }: Examination): readonly Finding[] {
  if (journalMode === null) return []
  if (journalMode === 'wal') return [well('journal', 'a write-ahead log (wal)')]
  const found = `the journal mode is "${journalMode}", and a store's is "wal"`
  return [wrong('journal', found, 'Find out which program has set it; the next use of the store sets it back.')]
}

function schema({ schema: versions }: Examination): readonly Finding[] {
  if (versions === null) return []
  const { found, known } = versions
  if (found === 0) return [well('schema', `none yet: the first use makes ${known}`)]
  return [
    well('schema', found === known ? `${found}, as of this program` : `${found}: the next use brings it to ${known}`),
  ]
}

function key({ keys }: Examination): readonly Finding[] {
  if (keys === null) return []
  if (keys.fault) return [told('key', keys.fault.message)]
  return [well('key', keys.encrypted ? 'encrypted, and the key and the file of keys fit' : 'not encrypted')]
}

function log({ log: found }: Examination): readonly Finding[] {
  if (found === null) return []
  if (!found.held) return [well('log', 'nobody keeps it from being brought into the file')]
  return [
    wrong(
      'log',
      `it cannot be brought into the file, and grows with each write: somebody has been reading in one long transaction, ${whoReads(found.readers)}`,
      'End that transaction, or its process, unless it is a backup that will come to its end: the log is cut back then.',
    ),
  ]
}

function whoReads(readers: readonly Process[] | null): string {
  if (readers === null) return 'and this system does not tell who'
  if (readers.length === 0) return 'by a process that is not seen from here'
  return `which is ${readers.length === 1 ? 'the process' : 'one of the processes'} ${readers.map(withName).join(', ')}`
}

function processes({ openedBy }: Examination): Finding {
  if (openedBy === null) return well('processes', 'this system does not tell who has it open; lsof may')
  if (openedBy.length === 0) return well('processes', 'no other that this user may see has it open')
  return well('processes', `open in ${openedBy.map(withName).join(', ')}`)
}

function withName({ pid, name }: Process): string {
  return name === undefined ? String(pid) : `${pid} (${name})`
}

/** Who drives runs, and who has some and does not. */
export function owners({ owners: found }: Pick<Examination, 'owners'>): readonly Finding[] {
  if (found === null) return []
  const silent = found.filter(({ beats }) => !beats)
  const beating = found.filter(({ beats }) => beats)
  const alive = beating.length > 0 ? `beating: ${beating.map(saidOwner).join('; ')}` : 'nobody drives a run'
  return [
    ...(beating.length > 0 || silent.length === 0 ? [well('owners', alive)] : []),
    ...silent.map((owner) =>
      wrong(
        'owners',
        `${saidOwner(owner)}, has not beaten while it was looked at: its process has ended or stands still`,
        'Workers take its runs, on the same machine at once where it has ended, else after fifteen seconds. Start one, or: reprise resume RUN',
      ),
    ),
  ]
}

/** An owner is named by the runtime: the boot of its machine, its process, and more. */
function saidOwner({ owner, runs: number }: FoundOwner): string {
  const [machine = '', pid] = owner.split('/')
  const who = pid === undefined ? owner : `process ${pid} of machine ${machine.slice(0, 8)}`
  return `${who} with ${count(number, 'run')}`
}

/** How runs stand, and which of them nobody goes on with. */
export function runs({ runs: found }: Pick<Examination, 'runs'>): readonly Finding[] {
  if (found === null) return []
  const said = found.map((each) => `${each.count.toLocaleString('en-US')} ${standing(each)}`)
  const all = well('runs', said.length > 0 ? said.join(', ') : 'none')
  const troubled = TROUBLES.flatMap(({ is, remedy }) => {
    const number = found.filter(is).reduce((sum, each) => sum + each.count, 0)
    const [one] = found.filter(is)
    return one ? [wrong('runs', `${count(number, 'run')} ${standing(one)}`, remedy)] : []
  })
  return [all, ...troubled]
}

function standing({ status, waiting }: FoundRuns): string {
  return waiting === null ? status : `waiting (${waiting})`
}

/** What nobody goes on with before somebody has done something. */
const TROUBLES: readonly { readonly is: (found: FoundRuns) => boolean; readonly remedy: string }[] = [
  {
    is: ({ status }) => status === 'quarantined',
    remedy: 'See why: reprise runs --status quarantined. Mend that, then: reprise unquarantine RUN --by NAME',
  },
  {
    is: ({ waiting }) => waiting === 'in-doubt',
    remedy:
      'Find out whether the call happened: reprise runs --status waiting. Then: reprise settle-doubt RUN ID --happened JSON or --did-not-happen',
  },
  {
    is: ({ waiting }) => waiting === 'interrupted',
    remedy:
      'See what keeps them from going on: reprise runs --status waiting. Mend that; workers try again by themselves.',
  },
]
