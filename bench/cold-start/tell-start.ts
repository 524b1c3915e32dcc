/** What a started program says of itself. */
export interface Started {
  /** Since the process began. */
  readonly ms: number
  readonly rssMiB: number
}

/**
 * Says on stdout how long this process took to come here, and the most memory that it has taken.
 *
 * @throws Error where it has not come with its five tools.
 */
export function tellStart(tools: number): void {
  const ms = performance.now()
  if (tools !== 5) throw new Error(`Void: started with ${tools} tools instead of 5`)
  const started: Started = { ms, rssMiB: process.resourceUsage().maxRSS / 1024 }
  console.log(JSON.stringify(started))
}
