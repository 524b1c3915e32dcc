// Lets the command line look at the demo's runs and work on them: npm run reprise -- runs --config examples/support-desk/reprise.config.ts
import { join } from 'node:path'
import { openai } from '@reprise/openai'
import { checkWorked, folderAt } from './folder.ts'
import { openDesk } from './open-desk.ts'

const folder = folderAt(join(import.meta.dirname, '.data'))
checkWorked(folder)

export const { runtime } = await openDesk(folder, openai())
