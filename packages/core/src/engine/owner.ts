// Who owns a run: the machine's boot, the process and its start, and the runtime in it. So a dead owner on this machine
// frees its runs at once; elsewhere its beat is watched (invariant 8).
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { pid } from 'node:process'

/** The runs that runtimes of this process drive now, by owner. */
const driven = new Map<string, Set<string>>()
let runtimes = 0

/** Makes a name under which a runtime of this process owns runs, and the set of those that it drives. */
export function newOwner(): { readonly owner: string; readonly driving: Set<string> } {
  const owner = `${machine()}/${pid}/${startOf(pid) ?? ''}/${++runtimes}`
  const driving = new Set<string>()
  driven.set(owner, driving)
  return { owner, driving }
}

/** Forgets a runtime that has stopped. */
export function forgetOwner(owner: string): void {
  driven.delete(owner)
}

/**
 * Tells whether an owner certainly does not drive a run any more.
 *
 * @returns false where it does, and where this machine cannot know.
 */
export function isGone(owner: string, runId: string): boolean {
  const [place, process, start, runtime] = owner.split('/')
  if (place !== machine() || process === undefined || runtime === undefined) return false
  if (Number(process) === pid && start === (startOf(pid) ?? '')) return !driven.get(owner)?.has(runId)
  const current = startOf(Number(process))
  return current === undefined ? !isAlive(Number(process)) : current !== start
}

/** The boot and, where processes are numbered in namespaces, the namespace. */
function machine(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}.${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`
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
    globalThis.process.kill(process, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
