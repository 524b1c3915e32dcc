import type { LineageSecrets } from '@reprise/core'
import { SECRETS } from '@reprise/format'
import type { Stored } from '@reprise/format'
import type { SqliteDatabase } from './database.ts'
import type { Lineages } from './lineages.ts'

/** Reads what lineages keep secret. */
export class Secrets {
  readonly #lineages: Lineages
  readonly #select

  constructor(db: SqliteDatabase, lineages: Lineages) {
    this.#lineages = lineages
    this.#select = db.prepare<[lineage: string, from: number], { token: string; value: Stored }>(
      'select token, value from secrets where lineage_id = ? order by id limit -1 offset ?',
    )
  }

  /** As the store's `secrets`. */
  of(lineageId: string, from: number): LineageSecrets {
    const key = this.#lineages.key(lineageId)
    const secrets = this.#select
      .all(lineageId, from)
      .map(({ token, value }) => ({ token, value: key.open(value, SECRETS, token) }))
    return { token: key.token, secrets }
  }
}
