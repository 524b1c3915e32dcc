// Reads a folder of statements, whatever happens to the process. usage: npm run demo:extract -- --help
import { demo } from './demo.ts'

// Whoever reads along may stop reading (`| head`): the work goes on.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
process.exitCode = await demo(process.argv.slice(2))
