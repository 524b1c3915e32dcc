import { chmodSync } from 'node:fs'
import { expect, it } from 'vitest'
import { demoHere } from '../demo-here.fixture.ts'
import { demo } from './demo.ts'
import { CHANGES, OUTCOMES, outcomesOf } from './ends.fixture.ts'
import { runDemo, startDemo } from './run-demo.ts'
import { block, contents, tempFolder } from './temp-folder.fixture.ts'

it(
  'two processes work the tickets, one is killed with some in its hands, and the other goes on with them',
  { tags: 'slow' },
  async () => {
    const data = folderForAll()
    // The first to be killed is the demo itself: its database goes on, and the same command takes it over.
    const first = startDemo(['--postgres', '--data', data])
    await said(first.child.stdout, ' takes it\n')
    first.child.kill('SIGKILL')
    await first.end

    const { code, stdout, stderr } = await runDemo(['--postgres', '--data', data])
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^The runs are in a Postgres that was left running at 127\.0\.0\.1:\d+\.$/m)
    const [, victim, held = ''] = /^Worker ([AB]) is killed \(SIGKILL\) with (.+) in its hands\.$/m.exec(stdout) ?? []
    const heir = victim === 'A' ? 'B' : 'A'
    const ends = held.split(', ').map((id) => new RegExp(`^${id} .*# completed, by worker (.)$`, 'm').exec(stdout)?.[1])
    // What the database had been told before the kill stands all the same: a ticket may end by that.
    expect(ends.filter((by) => by !== victim && by !== heir)).toEqual([])
    expect(ends).toContain(heir)
    expect(outcomesOf(stdout)).toEqual(OUTCOMES)
    expect(block(stdout, 'What was changed')).toBe(CHANGES)
    expect(stdout).toMatch(/\nThe books are right: [^\n]+\n$/)
    expect(code).toBe(0)

    const again = await demoHere(demo, ['--postgres', '--data', data])
    expect(again.stdout).not.toContain('Worker')
    expect(outcomesOf(again.stdout)).toEqual(OUTCOMES)
    expect(block(again.stdout, 'What was changed')).toBe(CHANGES)
    expect(again.stdout).toMatch(
      /\nNothing ran, since every ticket had ended before\. The books still agree: [^\n]+\n$/,
    )
    expect(again.code).toBe(0)

    const before = contents(data)['shop.db']
    const other = await demoHere(demo, ['--data', data])
    expect(other).toEqual({
      code: 1,
      stdout: '',
      stderr: `The runs at ${data} are in a Postgres. Give --postgres, or another folder with --data.\n`,
    })
    expect(contents(data)['shop.db']).toBe(before)
  },
)

/** Postgres does not run as root: its user must reach the folder. */
function folderForAll(): string {
  const path = tempFolder()
  chmodSync(path, 0o755)
  return path
}

async function said(stream: NodeJS.ReadableStream | null, text: string): Promise<void> {
  let all = ''
  // Left open: what is said later is read by somebody else.
  await new Promise<void>((resolve) => {
    stream?.on('data', (chunk: Buffer) => {
      all += chunk.toString()
      if (all.includes(text)) resolve()
    })
    stream?.once('end', resolve)
  })
}
