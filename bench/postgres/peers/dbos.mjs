// DBOS as a side of w15. It has no agents: a workflow asks the model and runs the tool, a step each.
// usage: node dbos.mjs ANSWER URL WORLD
import { pathToFileURL } from 'node:url'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { z } from 'zod'

const [, , help, url, options] = process.argv
const { answer, TimedWorld } = await import(pathToFileURL(help).href)

await answer(new TimedWorld(JSON.parse(options)), async (world) => {
  const tools = new Map(world.tools(z).map((tool) => [tool.name, tool]))
  const loop = DBOS.registerWorkflow(
    async (runId) => {
      for (let last = null; ;) {
        const reply = await DBOS.runStep(() => world.model(last, runId), { name: 'model' })
        if (!reply.calls) return reply.text
        for (const { id, name, args } of reply.calls) {
          const { schema, execute } = tools.get(name)
          await DBOS.runStep(async () => execute(schema.parse(args)), { name })
          last = id
        }
      }
    },
    { name: 'loop' },
  )
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url, logLevel: 'error', applicationVersion: 'bench' })
  await DBOS.launch()
  return {
    run: async (runId) => (await DBOS.startWorkflow(loop, { workflowID: runId })(runId)).getResult(),
    close: () => DBOS.shutdown(),
  }
})
