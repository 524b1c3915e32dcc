import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { HOSTILE, migration } from '../migration.fixture.ts'
import { html } from './markup.ts'
import { migrationPage } from './page.ts'

const page = migrationPage(migration)

/** What stands between tags, and no tag. */
const words = page
  .replace(/<style>.*<\/style>/s, '')
  .replaceAll(/<[^>]*>/g, ' ')
  .replaceAll(/\s+/g, ' ')

describe('the page of a migration report', () => {
  it('answers first: what to replace, by when, and which agent may go, and why', () => {
    const order = [
      'From gpt-4.1-mini to gpt-6-luna',
      '1 of 3 agents can move to gpt-6-luna, 1 cannot as it is, 1 needs more evidence.',
      'gpt-4.1-mini ends on 2027-01-14, in 45 days.',
      'returns NO-GO It did something wrong in 7 runs',
      'orders NOT ENOUGH EVIDENCE 24 of 25 compared runs came out the same',
      'triage GO 118 of 118 compared runs came out the same',
      'What to do next',
      'Figures',
      'What changes',
      'Switching over',
      'How this was found, and its limits',
    ]
    const places = order.map((text) => words.indexOf(text))
    expect(
      places.every((place, index) => place > (places[index - 1] ?? -1)),
      JSON.stringify(places),
    ).toBe(true)
  })

  it('obeys nothing that was recorded, and shows what cannot be seen', () => {
    expect(page).not.toMatch(/<script|\son\w+=|javascript:/i)
    expect(page).not.toContain(HOSTILE)
    expect(page).not.toMatch(/[^\P{Cc}\t\n]|[\u202A-\u202E]/u)
    const shown = String.raw`&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp; \u{1b}[31m\u{202e}`
    expect(page.split(shown).length - 1).toBeGreaterThan(3)
  })

  it('stands alone: nothing is fetched, no script runs, and the browser is told so', () => {
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(page) ?? []
    const digest = createHash('sha256').update(style).digest('base64')
    expect(page).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'" />`,
    )
    expect(page).not.toMatch(/\sstyle=|<link|<img|<iframe|\ssrc=|href="(?!#)|url\(|@import|https?:/)
  })

  it('can be read by ear: one h1, no level left out, figures and tables that are named', () => {
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level))
    expect(levels.filter((level) => level === 1)).toEqual([1])
    for (const [index, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1)
    for (const [svg] of page.matchAll(/<svg[^>]*>/g))
      expect(svg).toMatch(/role="img"[^>]* aria-label="[^"]+"|aria-hidden="true"/)
    const tables = page.split('<table').slice(1)
    expect(tables.length).toBeGreaterThan(7)
    for (const table of tables) {
      expect(table).toMatch(/<caption>\s*\S/)
      expect(table).toContain('scope="col"')
      expect(table).toContain('scope="row"')
    }
    for (const [, id] of page.matchAll(/href="#(\w+)"/g)) expect(page).toContain(`id="${id}"`)
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en">/)
  })

  it('says what it is made of and what it is not: cost by the month, chance, and the rule', () => {
    for (const text of [
      /\$11\.40 &rarr; \$2\.87/,
      /scaled up to 30/,
      /More of it in 7 runs, less in 0: unlikely to be chance \(p = 0\.016\)\./,
      /where the lower end of the interval of the share that comes out the same is 90 % or more/,
      /40 runs?: other models answered in them too/,
      /goes on with gpt-4\.1-mini \(pin\)/,
    ])
      expect(words.replaceAll('\u00A0', ' ')).toMatch(text)
  })

  it('is a page too where no run could be asked again', () => {
    const empty = migrationPage({ ...migration, agents: [], open: [], definitions: [] })
    expect(empty).toContain('No recorded run could be asked again')
  })

  it('does not say that nothing changes where nothing was compared', () => {
    const [agent] = migration.agents
    if (!agent) throw new Error('There is no agent')
    const runs = { of: 3, same: 0, changed: 0, parted: 0, failed: 3 }
    const none = { ...agent, runs, share: null, changes: [], examples: [] }
    for (const agents of [[], [none]]) {
      const text = migrationPage({ ...migration, agents })
      expect(text).toContain('That is not known: no run could be compared.')
      expect(text).not.toContain('came out the same.</p>')
    }
  })
})

describe('a template of HTML', () => {
  it('escapes what is filled in, once', () => {
    const word = '<b>&"\''
    expect(html`<p class="${word}">${[word, 1, html`<i>${word}</i>`, null, undefined, false]}</p>`.text).toBe(
      '<p class="&lt;b&gt;&amp;&quot;&#39;">&lt;b&gt;&amp;&quot;&#39;1<i>&lt;b&gt;&amp;&quot;&#39;</i></p>',
    )
  })

  it('shows half a character, and characters that take no room, by their numbers', () => {
    expect(html`${'a\uD800b\u200B\t\n'}`.text).toBe('a\\u{d800}b\\u{200b}\t\n')
    expect(html`${'a\u{E0041}b\u180E\u3164\uFFF9'}`.text).toBe(String.raw`a\u{e0041}b\u{180e}\u{3164}\u{fff9}`)
  })
})
