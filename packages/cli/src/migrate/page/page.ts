import { createHash } from 'node:crypto'
import type { Migration } from '../migration.ts'
import { examples } from './examples-section.ts'
import { head } from './head.ts'
import { html, Html } from './markup.ts'
import { method } from './method-section.ts'
import { next } from './next-section.ts'
import { figures } from './plots-section.ts'
import { STYLE } from './style.ts'
import { switching } from './switch-section.ts'

/** To the letter what its digest is of: no formatter of HTML may come near. */
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`)

/**
 * Makes the page of a migration report: one file of HTML that stands alone. It runs no script and fetches nothing, and says
 * so to the browser: whatever a recorded text may hold, nothing of it is obeyed.
 */
export function migrationPage(migration: Migration): string {
  const { from, to } = migration
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${new Html(policy)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>From ${from.model} to ${to.model}: a migration report</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          ${head(migration)}${next(migration)}${figures(migration)}${examples(migration)}${switching(migration)}${method(migration)}
        </main>
      </body>
    </html> `.text
}
