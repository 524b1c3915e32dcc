// What documents name is there: scripts that they tell to run, files that they link to, and headings in these.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { paths, root } from './paths.fixture.ts'

const documents = paths.filter((path) => path.endsWith('.md'))

/** A document without what stands in its blocks of code. */
function proseOf(document: string): string {
  return readFileSync(join(root, document), 'utf8').replaceAll(/^ *```.*?^ *```/gms, '')
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(document: string): readonly string[] {
  const seen = new Map<string, number>()
  return [...proseOf(document).matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) => {
    const words = heading.replaceAll(/\[(.*?)\]\(.*?\)/g, '$1').toLowerCase()
    const anchor = words.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-')
    const before = seen.get(anchor) ?? 0
    seen.set(anchor, before + 1)
    return before === 0 ? anchor : `${anchor}-${before}`
  })
}

/** The links of a document that lead into this repository, each with where it leads. */
function linksOf(
  document: string,
): readonly { readonly link: string; readonly path: string; readonly anchor: string }[] {
  return [...proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return []
    const [path = '', anchor = ''] = link.split('#')
    return { link, path: path === '' ? document : relative(root, join(root, dirname(document), path)), anchor }
  })
}

function isBroken({ path, anchor }: { readonly path: string; readonly anchor: string }): boolean {
  const file = join(root, path)
  if (path.startsWith('..') || !existsSync(file)) return true
  if (anchor === '') return false
  return statSync(file).isDirectory() || !anchorsOf(path).includes(anchor)
}

test('each script that a document tells to run is one of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
  // What a release had is told of as it was.
  const told = documents
    .filter((document) => document !== 'CHANGELOG.md')
    .flatMap((document) =>
      [...readFileSync(join(root, document), 'utf8').matchAll(/\bnpm run ([\w:-]+)/g)].map(
        ([, name = '']) => `${document}: npm run ${name}`,
      ),
    )
  expect(told.length).toBeGreaterThan(50)
  expect(told.filter((line) => !Object.hasOwn(scripts, line.split(' ').at(-1) ?? ''))).toEqual([])
})

test('each link of a document into this repository leads to a file, and to a heading in it where it names one', () => {
  const links = documents.flatMap((document) => linksOf(document).map((link) => ({ document, ...link })))
  expect(links.length).toBeGreaterThan(150)
  expect(links.filter(isBroken).map(({ document, link }) => `${document}: ${link}`)).toEqual([])
})
