// What a thread loads that replays the runs of w13.
import { openRuntime } from '../contenders/reprise.ts'
import { World } from '../world.ts'
import { FOLDER, TURNS } from './runs.ts'

export const runtime = await openRuntime(new World({ n: TURNS }), process.env[FOLDER] ?? '', 'normal')
