import { Kin } from './kin.ts'
import { KeptAudit } from './kept-audit.ts'
import { KeptEarly } from './kept-early.ts'
import { KeptFacts } from './kept-facts.ts'
import { KeptOwners } from './kept-owners.ts'
import type { Erased, Kept } from './kept-run.ts'
import { KeptSchedules } from './kept-schedules.ts'
import { KeptSecrets } from './kept-secrets.ts'

/** All that a memory store keeps. */
export class AllKept {
  readonly runs = new Map<string, Kept>()
  readonly kin = new Kin((id) => this.runs.get(id)?.row)
  readonly owners = new KeptOwners()
  readonly secrets = new KeptSecrets()
  readonly early = new KeptEarly()
  readonly schedules = new KeptSchedules()
  readonly facts = new KeptFacts()
  readonly audit = new KeptAudit()
  /** The lineages that were erased, here or elsewhere, and by whom first: that outlives their runs. */
  readonly erased = new Map<string, Erased>()

  /** The runs, in the order in which they began. */
  get all(): readonly Kept[] {
    return [...this.runs.values()]
  }

  ownedBy(owner: string): readonly Kept[] {
    return this.all.filter(({ row }) => row.owner === owner)
  }
}
