import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'

it('an older Node.js is told so when the package is imported', () => {
  const program = `
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.17.1' } })
    import('@reprise/core').catch(({ code, message }) => console.log(code + ': ' + message))`
  expect(spawnSync(process.execPath, ['-e', program], { cwd: import.meta.dirname, encoding: 'utf8' }).stdout).toBe(
    'old_node: Reprise cannot run on Node.js 22.17.1. It needs Node.js 22.18 or newer. Run this program with a newer Node.js.\n',
  )
})
