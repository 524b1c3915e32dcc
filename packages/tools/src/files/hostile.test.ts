// What must not work: each row is tried with every tool over a folder.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { AnyTool, CallContext, JsonObject } from '@reprise/core'
import { beforeEach, describe, expect, test } from 'vitest'
import { call, told } from '../call.fixture.ts'
import { readCsv } from '../csv/read-csv.ts'
import { enter } from '../folder/folder.ts'
import { tempFolder } from '../temp-folder.fixture.ts'
import { listFiles } from './list-files.ts'
import { readFiles } from './read-files.ts'
import { replaceFile } from './replace-file.ts'
import { searchFiles } from './search-files.ts'
import { writeFiles } from './write-files.ts'

const SECRET = 'the secret'

let world: string
let root: string

beforeEach(() => {
  world = tempFolder({
    'outside/secret.txt': SECRET,
    'root/inside.txt': 'inside',
    'root/sub/a.txt': 'a',
    'root-beside/secret.txt': SECRET,
  })
  root = join(world, 'root')
  const links: Record<string, string> = {
    'link-file': '../outside/secret.txt',
    'link-folder': '../outside',
    'link-absolute': join(world, 'outside'),
    'link-inside': 'inside.txt',
    'link-dangling': '../outside/new.txt',
    'link-loop': 'link-loop',
    'link-system': '/proc/self/root',
    'sub/link-up': '../..',
  }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(root, name))
})

/** A pipe in the root that nobody writes. It takes a process, so only who meets it makes it. */
function makePipe(): void {
  execFileSync('mkfifo', [join(root, 'pipe')])
}

/** All that is not in the root, with its content. */
function outside(): string[] {
  const beside = readdirSync(world).filter((name) => name !== 'root')
  const files = beside.flatMap((folder) => readdirSync(join(world, folder)).map((name) => join(world, folder, name)))
  return files.map((path) => `${path}: ${readFileSync(path, 'utf8')}`)
}

describe.skipIf(process.platform === 'win32')('nothing leads out of the folder:', () => {
  const refused: [path: string, told: string][] = [
    ['../outside/secret.txt', 'leads out of the folder'],
    ['..', 'leads out of the folder'],
    ['sub/../../outside/secret.txt', 'leads out of the folder'],
    ['./.././outside/secret.txt', 'leads out of the folder'],
    ['../root-beside/secret.txt', 'leads out of the folder'],
    ['sub//..//..//outside/secret.txt', 'leads out of the folder'],
    ['/etc/passwd', 'is absolute'],
    ['//etc/passwd', 'is absolute'],
    ['/proc/self/environ', 'is absolute'],
    ['C:\\Windows\\win.ini', 'holds a backslash'],
    ['C:/Windows/win.ini', 'is absolute'],
    ['c:secret.txt', 'is absolute'],
    ['..\\outside\\secret.txt', 'holds a backslash'],
    ['\\\\server\\share\\secret.txt', 'holds a backslash'],
    ['\\\\?\\C:\\secret.txt', 'holds a backslash'],
    ['inside.txt\0.png', 'holds a control character'],
    ['../outside/secret.txt\0inside.txt', 'holds a control character'],
    ['inside.txt\n', 'holds a control character'],
    ['x/'.repeat(3_000), 'is longer than 4096 characters'],
    ['link-file', 'is a link, and links are not followed'],
    ['link-file/', 'is a link, and links are not followed'],
    ['link-inside', 'is a link, and links are not followed'],
    ['link-dangling', 'is a link, and links are not followed'],
    ['link-loop', 'is a link, and links are not followed'],
    ['link-folder/secret.txt', 'is a link, and links are not followed'],
    ['link-absolute/secret.txt', 'is a link, and links are not followed'],
    ['link-system/etc/passwd', 'is a link, and links are not followed'],
    ['sub/link-up/outside/secret.txt', 'is a link, and links are not followed'],
  ]

  test.each(refused)('%j', async (path, why) => {
    const before = outside()
    const told = await Promise.all([
      call(readFiles({ root }), { path }),
      call(readCsv({ root }), { path }),
      call(listFiles({ root }), { folder: path }),
      call(searchFiles({ root }), { text: SECRET, folder: path }),
      call(writeFiles({ root }), { path, content: 'mine' }),
    ])
    for (const { told: message, attempts } of told) {
      expect(message).toContain(why)
      expect(message).not.toContain(world)
      expect(attempts).toHaveLength(1)
    }
    expect(outside()).toEqual(before)
  })

  const justNames = [
    '%2e%2e/outside/secret.txt',
    '..%2foutside%2fsecret.txt',
    '%c0%ae%c0%ae/outside/secret.txt',
    '\u2025/outside/secret.txt',
    '\uFF0E\uFF0E/outside/secret.txt',
    '..\u2215outside\u2215secret.txt',
    '..\uFF0Foutside\uFF0Fsecret.txt',
    '.. /outside/secret.txt',
    '.../outside/secret.txt',
    '~/secret.txt',
    '$HOME/secret.txt',
    'file:///etc/passwd',
    'INSIDE.TXT.',
    'secret.txt::$DATA',
    '-rf',
  ]

  test.each(justNames)('%j is a name like any other', async (path) => {
    const before = outside()
    expect(await told(readFiles({ root }), { path })).toContain('does not exist')
    await told(writeFiles({ root }), { path, content: 'mine' })
    expect(await told(readFiles({ root }), { path })).toContain('\nmine\n')
    expect(outside()).toEqual(before)
  })

  test('lists and searches pass links by', async () => {
    makePipe()
    expect(await told(listFiles({ root }), {})).not.toContain('link')
    expect(await told(searchFiles({ root }), { text: SECRET })).toBe(
      '{"matches":[],"note":"1 files were not searched: they are too large or no text."}',
    )
  })

  test('the root alone may be a link', async () => {
    symlinkSync(root, join(world, 'link-to-root'))
    expect(await told(readFiles({ root: join(world, 'link-to-root') }), { path: 'inside.txt' })).toContain('\ninside\n')
  })
})

describe.skipIf(process.platform === 'win32')('what is no file of bytes is refused:', () => {
  test.each([
    ['a pipe that nobody writes', () => root, 'pipe', 'is no regular file but a pipe, a socket or a device'],
    ['a device without end', () => '/dev', 'zero', 'is no regular file but a pipe, a socket or a device'],
    ['a device that waits', () => '/dev', 'tty', 'is no regular file but a pipe, a socket or a device'],
    ['a folder', () => root, 'sub', 'is a folder. Name a file in it.'],
    ['the folder itself', () => root, '.', 'is a folder. Name a file in it.'],
  ])('%s', async (_, rootOf, path, why) => {
    const there = rootOf()
    if (path === 'pipe') makePipe()
    for (const tool of [readFiles({ root: there }), readCsv({ root: there })]) {
      const { told, attempts } = await call(tool, { path })
      expect(told).toContain(why)
      expect(attempts).toHaveLength(1)
    }
    if (there === root) expect(await told(writeFiles({ root }), { path, content: 'x' })).toContain(why)
  })

  test.skipIf(process.platform !== 'linux')('a file that says it is empty and is not', async () => {
    const { told } = await call(readFiles({ root: '/proc', maxBytes: 10 }), { path: 'meminfo' })
    expect(told).toMatch(/^"meminfo" has \d+ bytes or more, and this tool takes 10 at most\./)
  })
})

describe.skipIf(process.platform === 'win32')('who swaps folders for links meanwhile', () => {
  async function swap(): Promise<void> {
    await rename(join(root, 'sub'), join(root, 'moved'))
    await symlink('../outside', join(root, 'sub'))
  }

  async function swapBack(): Promise<void> {
    await rm(join(root, 'sub'), { recursive: true, force: true })
    await rename(join(root, 'moved'), join(root, 'sub'))
  }

  test.skipIf(process.platform !== 'linux')('cannot lead an open folder elsewhere', async () => {
    const folder = await enter(root, ['sub'])
    await swap()
    await replaceFile(folder, 'secret.txt', 'sub/secret.txt', Buffer.from('mine'), 'key')
    await folder.close()
    expect(readFileSync(join(world, 'outside/secret.txt'), 'utf8')).toBe(SECRET)
    expect(readFileSync(join(root, 'moved/secret.txt'), 'utf8')).toBe('mine')
  })

  test('is found out where folders cannot be pinned', async () => {
    const folder = await enter(root, ['sub'], { pinned: false })
    await folder.confirm('a.txt')
    await swap()
    await expect(folder.confirm('secret.txt')).rejects.toThrow('"secret.txt" is a link, and links are not followed.')
    await expect(replaceFile(folder, 'secret.txt', 'sub/secret.txt', Buffer.from('mine'), 'key')).rejects.toThrow(
      '"." is a link, and links are not followed.',
    )
    await folder.close()
    expect(readFileSync(join(world, 'outside/secret.txt'), 'utf8')).toBe(SECRET)
    expect(readdirSync(join(world, 'outside'))).toEqual(['secret.txt'])
  })

  test('gets nothing by trying again and again', async () => {
    const before = outside()
    // A journal of a thousand calls is not what this is about.
    const context = { signal: new AbortController().signal, idempotencyKey: 'key' } as CallContext
    const attempt = async (tool: AnyTool, input: JsonObject) => {
      try {
        return JSON.stringify(await tool.execute(input, context))
      } catch (error) {
        return String(error)
      }
    }
    let swaps = 0
    let done = false
    const swapping = (async () => {
      while (!done) {
        // A write makes the folder that is missing for a moment, and then it is in the way: of the swap, of the way back,
        // and of its own removal, which finds more in it than there was. The next one then mends that.
        await swap().then(
          () => (swaps += 1),
          () => undefined,
        )
        await swapBack().catch(() => undefined)
      }
    })()
    const seen: string[] = []
    const tries = process.env['REPRISE_ALL'] ? 1_000 : 60
    for (let count = 0; count < tries || swaps < 10; count++) {
      seen.push(await attempt(readFiles({ root }), { path: 'sub/secret.txt' }))
      seen.push(await attempt(writeFiles({ root }), { path: 'sub/secret.txt', content: 'mine' }))
    }
    done = true
    await swapping
    expect(seen.filter((result) => result.includes(SECRET))).toEqual([])
    expect(outside()).toEqual(before)
  })
})
