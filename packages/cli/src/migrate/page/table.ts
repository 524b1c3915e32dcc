import { html, type Html, type Part } from './markup.ts'

/** A cell of a table. `name` is the head of its column, which a narrow screen shows beside it. */
export interface Cell {
  readonly name?: string
  readonly is: Part
  /** Where it is a number, or a plot. */
  readonly kind?: 'n' | 'p'
}

/**
 * A table that becomes a list on a narrow screen. Its roles are said aloud, since a browser forgets them where a row is no
 * row to the eye.
 *
 * @param rows The first cell of each is its head.
 */
export function table(
  caption: string,
  heads: readonly Cell[],
  rows: readonly (readonly Cell[])[],
  foot: Part = '',
): Html {
  return html`<table class="stack" role="table">
    <caption>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${heads.map(({ is, kind = '' }) => html`<th class="${kind}" role="columnheader" scope="col">${is}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map(
        (cells) =>
          html`<tr role="row">
            ${cells.map(cell)}
          </tr> `,
      )}${foot}
    </tbody>
  </table> `
}

function cell({ name, is, kind }: Cell, index: number): Html {
  if (index === 0) return html`<th role="rowheader" scope="row">${is}</th>`
  if (name === undefined) return html`<td class="${kind}" role="cell">${is}</td>`
  return html`<td class="${kind}" role="cell" data-name="${name}">${is}</td>`
}

/** Says under a column of plots what its edges stand for. */
export function axis(before: number, ends: readonly string[], after: number): Html {
  const blanks = (count: number) => Array.from({ length: count }, () => html`<td class="blank"></td>`)
  return html`<tr class="axis" aria-hidden="true">
    ${blanks(before)}
    <td><div class="ends">${ends.map((end) => html`<span>${end}</span>`)}</div></td>
    ${blanks(after)}
  </tr> `
}
