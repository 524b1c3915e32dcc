import { expect, test } from 'vitest'
import { bad } from '../show/style.ts'
import { Screen } from './screen.ts'

/** A terminal of a size, and what was written to it. */
function terminal(columns: number, rows: number) {
  const written: string[] = []
  return { written, isTTY: true, columns, rows, write: (text: string) => written.push(text.replaceAll('\u001B', '^')) }
}

test('a picture is drawn over the one before, line by line where something has changed, and gives the cursor back', () => {
  const out = terminal(20, 5)
  const screen = new Screen(out)
  screen.draw(['one', 'two', 'three'])
  screen.draw(['one', 'zwei', 'three'])
  screen.draw(['one', 'zwei', 'three'])
  screen.draw(['one'])
  screen.end()
  screen.end()
  expect(out.written).toEqual([
    '^[?2026h^[?25lone^[K\ntwo^[K\nthree^[K\n^[J^[?2026l',
    '^[?2026h\r^[3A\nzwei^[K\n\n^[J^[?2026l',
    '^[?2026h\r^[3A\n^[J^[?2026l',
    '^[?25h',
  ])
})

test('a picture is cut to the size of the terminal, also where its characters are wide', () => {
  const out = terminal(8, 3)
  new Screen(out).draw(['订单号码 4711', bad('a red line'), 'not shown'])
  expect(out.written).toEqual(['^[?2026h^[?25l订单号…^[K\n^[31ma red …^[39m^[K\n^[J^[?2026l'])
})

test('a terminal that has become narrower or lower has broken lines and lost the first', () => {
  const out = terminal(20, 6)
  const screen = new Screen(out)
  screen.draw(['0123456789 12345', 'two'])
  out.columns = 10
  screen.draw(['one', 'two'])
  expect(out.written.at(-1)).toBe('^[?2026h\r^[3Aone^[K\ntwo^[K\n^[J^[?2026l')
  out.rows = 2
  screen.draw(['one'])
  expect(out.written.at(-1)).toBe('^[?2026h\r^[1Aone^[K\n^[J^[?2026l')
})

test('words of others order the terminal nothing', () => {
  const out = terminal(30, 6)
  new Screen(out).draw(['a\u001B[2Jb\u009B1A'])
  expect(out.written).toEqual(['^[?2026h^[?25la\uFFFD[2Jb\uFFFD1A^[K\n^[J^[?2026l'])
})
