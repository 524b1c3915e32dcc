import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

it('a program without schedules does not load what reads patterns, and one with a schedule does', () => {
  const script = `
    import { registerHooks } from 'node:module'
    let loaded = false
    registerHooks({ load: (url, context, next) => ((loaded ||= url.includes('/croner')), next(url, context)) })
    const { createRuntime, defineAgent } = await import('${import.meta.resolve('../../index.ts')}')
    const { memoryStore, scriptedModel } = await import('${import.meta.resolve('@reprise/testing')}')
    const agent = defineAgent({ name: 'a', model: 'm', instructions: 'Go.' })
    const runtime = createRuntime({ store: memoryStore(), models: scriptedModel([]), definitions: [agent] })
    const worker = runtime.work()
    await new Promise(setImmediate)
    await runtime.schedules.list()
    await worker.stop()
    const before = loaded
    await runtime.schedule('s', { cron: '@daily', definition: agent, input: 'Go' })
    console.log(before, loaded)
    await runtime.close()`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
  })
  expect({ stdout, stderr }).toEqual({ stdout: 'false true\n', stderr: '' })
})
