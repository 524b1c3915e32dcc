import { readFileSync } from 'node:fs'

/** The query processes that a process has. Only Linux tells. */
export function queryProcesses(of: number = process.pid): string[] {
  return readFileSync(`/proc/${of}/task/${of}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((pid) => read(pid, 'cmdline').includes('query-process'))
}

/** Whether a process works: how long it has, in hundredths of a second. */
export function worked(pid: string): number {
  return Number(read(pid, 'stat').split(') ')[1]?.split(' ')[11] ?? 0)
}

/** Nothing of a process that has just ended. */
function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
