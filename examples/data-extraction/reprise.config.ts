// Lets the command line look at the extraction's runs: npm run reprise -- runs --config examples/data-extraction/reprise.config.ts
import { join } from 'node:path'
import { openBegun } from './open.ts'
import { placeAt } from './place.ts'

export const { runtime } = await openBegun(placeAt(join(import.meta.dirname, '.data')))
