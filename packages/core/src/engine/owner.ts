// Who owns a run: the machine's boot, the process and its start, and the runtime in it. So a dead owner on this machine
// frees its runs at once; elsewhere its beat is watched (invariant 8).
import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { kill, pid } from 'node:process'
import { threadId } from 'node:worker_threads'
import type { Owners } from '../contracts/owners.ts'

const REGISTRY = Symbol.for('reprise.owners')

/** The runs that runtimes of this thread drive now, by owner: one register for all copies of this package. */
function owners(): Map<string, ReadonlySet<string>> {
  const shared = globalThis as { [REGISTRY]?: Map<string, ReadonlySet<string>> }
  return (shared[REGISTRY] ??= new Map())
}

/** The runtimes of this machine's processes. Of those of another machine nobody here can know. */
export const processOwners: Owners = {
  name(driving) {
    const owner = `${machine()}/${pid}/${startOf(pid) ?? ''}/${threadId}/${randomUUID()}`
    owners().set(owner, driving)
    return owner
  },
  isGone,
  isGoneWhole(owner) {
    const driving = owners().get(owner)
    return driving ? driving.size === 0 : isGone(owner, '')
  },
}

function isGone(owner: string, runId: string): boolean {
  const driving = owners().get(owner)
  if (driving) return !driving.has(runId)
  const [place, process, start] = owner.split('/')
  if (place !== machine()) return false
  const current = startOf(Number(process))
  return current === undefined ? !isAlive(Number(process)) : current !== start
}

/** The boot and, where processes are numbered in namespaces, the namespace. */
function machine(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot}.${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`
  } catch {
    return hostname().replaceAll('/', '-')
  }
}

/** When a process started, in the kernel's ticks; undefined where it is gone or the kernel does not tell. */
function startOf(process: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${process}/stat`, 'utf8')
    // The second field is the program's name in parentheses, which may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

function isAlive(process: number): boolean {
  try {
    kill(process, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
