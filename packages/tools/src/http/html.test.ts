import { expect, test } from 'vitest'
import { htmlToText } from './html.ts'

const base = new URL('https://shop.example/a/')

test.each([
  ['spaces around marks', 'a<b>b</b>c <i> d </i> e', 'abc d e'],
  ['entities', '&lt;b&gt; &amp;amp; &eacute; &#8364; &nonesuch;', '<b> &amp; é € &nonesuch;'],
  [
    'links',
    '<a href="b?c=1">one</a>, <a href="//x.example">two</a>',
    'one (https://shop.example/a/b?c=1), two (https://x.example/)',
  ],
  [
    'links that lead nowhere',
    '<a href="#x">a</a> <a href="javascript:x">b</a> <a>c</a> <a href="http://">d</a>',
    'a b c d',
  ],
  [
    'what is not seen',
    'a<script>b</script><style>c</style><noscript>d</noscript><template>e</template><svg><text>f</text></svg>g',
    'ag',
  ],
  ['comments', 'a<!-- b --><!doctype c><![CDATA[d]]>e', 'ae'],
  ['cells', '<table><tr><td>a</td><td></td><td>c</td></tr><tr><td>d</td></tr></table>', 'a | | c\nd'],
  ['lists in lists', '<ul><li>a<ul><li>b</ul><li>c</ul>', '- a\n\n- b\n\n- c'],
  ['no text', '<p> <br> &nbsp; </p>', ''],
])('%s', async (_, html, text) => {
  expect(await htmlToText(html, base)).toBe(text)
})

test.each([
  ['elements in elements', '<div>'],
  ['tables in tables', '<table><tr><td>'],
  ['cells without end', '<tr><td>a<td>b'],
  ['paragraphs without end', '<p>a'],
  ['links', '<a href="x">y</a>'],
  ['ends without beginnings', '</div>'],
  ['openings', '<'],
  ['comments', '<!--'],
  ['entities', '&'],
  ['spaces', ' \n'],
  ['attributes', '<a b="'],
  ['half ends of scripts', '<script></scrip'],
  ['lines kept as they are', '<pre>\n \n'],
])('half a megabyte of %s takes a second at most', async (_, part) => {
  const before = process.cpuUsage()
  await htmlToText(part.repeat(500_000 / part.length), base)
  // The square of half a million would be minutes.
  expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
})

test('what is nested too deeply is left out, and it is said', async () => {
  expect(await htmlToText(`first${'<div>'.repeat(10_000)}last`, base)).toBe(
    'first\n(The rest of the page is nested too deeply to be read.)',
  )
})
