import type { Runtime } from '@reprise/core'
import { count } from '../show/used.ts'
import { type Finding, wrong } from './finding.ts'

/** How many runs that are stuck are named, and how many are counted. */
const NAMED = 5
const COUNTED = 1_000

/** Which runs could not be worked, as `reprise runs --stuck` lists them. */
export async function stuck({ runs }: Pick<Runtime, 'runs'>): Promise<readonly Finding[]> {
  const found: string[] = []
  for await (const { run, why } of runs.stuck()) if (found.push(`${run.id} (${why})`) === COUNTED) break
  if (found.length === 0) return []
  const many = `${count(found.length, 'run')}${found.length === COUNTED ? ' or more' : ''}`
  const more = found.length > NAMED ? ', and more' : ''
  return [
    wrong(
      'runs',
      `${many} could not be worked: ${found.slice(0, NAMED).join(', ')}${more}`,
      'See why, and what to do about each: reprise runs --stuck',
    ),
  ]
}
