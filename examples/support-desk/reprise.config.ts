// Lets the command line look at the demo's runs and work on them: npm run reprise -- runs --config examples/support-desk/reprise.config.ts
import { join } from 'node:path'
import { SEED } from './args.ts'
import { checkWorked, folderAt } from './folder.ts'
import { atFirstAsk } from './model/at-first-ask.ts'
import { connect } from './model/connect.ts'
import { openDesk } from './open-desk.ts'

const folder = folderAt(join(import.meta.dirname, '.data'))
checkWorked(folder)

// The same that answers the demo: the model of the environment, or else the written part.
const voice = atFirstAsk(async () => (await connect(SEED)).models)

export const { runtime } = await openDesk(folder, voice)
