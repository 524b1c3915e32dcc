// Who owns a run: the machine's boot, the process and its start, and the runtime in it. So a dead owner on this machine
// frees its runs at once; elsewhere its heartbeat is watched by heartbeats.ts (invariant 8). runtime/assemble.ts makes a name
// here, and runtime/drive/lease.ts asks who is gone. Modules of Node are asked for where they are used: an import of one
// makes Node look at all that it exports, which takes a program that starts longer than to load this package.
import type { Owners } from '../../contracts/owners.ts'
import { crypto } from '../../values/crypto.ts'

const REGISTRY = Symbol.for('reprise.owners')

/** The runs that runtimes of this thread drive now, by owner: one register for all copies of this package. */
function owners(): Map<string, ReadonlySet<string>> {
  const shared = globalThis as { [REGISTRY]?: Map<string, ReadonlySet<string>> }
  return (shared[REGISTRY] ??= new Map())
}

/** The runtimes of this machine's processes. Of those of another machine nobody here can know. */
export const processOwners: Owners = {
  name(driving) {
    const { pid } = process
    const { threadId } = process.getBuiltinModule('node:worker_threads')
    const owner = `${machine()}/${pid}/${startOf(pid) ?? ''}/${threadId}/${crypto().randomUUID()}`
    owners().set(owner, driving)
    return owner
  },
  isGone,
  livesElsewhere: (owner) => !owners().has(owner) && owner.startsWith(`${machine()}/`) && !isGone(owner, ''),
  isGoneWhole(owner) {
    const driving = owners().get(owner)
    return driving ? driving.size === 0 : isGone(owner, '')
  },
}

function isGone(owner: string, runId: string): boolean {
  const driving = owners().get(owner)
  if (driving) return !driving.has(runId)
  const [place, pid, start] = owner.split('/')
  if (place !== machine()) return false
  const current = startOf(Number(pid))
  return current === undefined ? !isAlive(Number(pid)) : current !== start
}

/** The boot and, where processes are numbered in namespaces, the namespace. */
function machine(): string {
  const { readFileSync, readlinkSync } = process.getBuiltinModule('node:fs')
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot}.${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`
  } catch {
    return process.getBuiltinModule('node:os').hostname().replaceAll('/', '-')
  }
}

/** When a process started, in the kernel's ticks; undefined where it is gone or the kernel does not tell. */
function startOf(pid: number): string | undefined {
  try {
    const stat = process.getBuiltinModule('node:fs').readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in parentheses, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
