// How many samples a property is held to: a few each time, other ones each time; `npm run thorough` takes many.
import { configureGlobal } from 'fast-check'

configureGlobal({ numRuns: process.env['REPRISE_ALL'] ? 1_000 : 30 })
