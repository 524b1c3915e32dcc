// What the candidate did otherwise, beside what was recorded.
import { diff } from 'node:util'
import type { Example, ExampleChange } from '../examples.ts'
import type { AgentMigration, Migration } from '../migration.ts'
import { sayCount } from './figures.ts'
import { html, type Html, type Part } from './markup.ts'

/** The most examples of an agent: more are not read. */
const EXAMPLES = 12

/** More of one side than this is cut, and said to be. */
const MOST_CHARACTERS = 4_000

/** Examples by agent, worst first. */
export function examples({ agents }: Migration): Html {
  const some = agents.filter((agent) => agent.examples.length > 0)
  if (some.length === 0) {
    const compared = agents.some(({ runs }) => runs.same + runs.changed + runs.parted > 0)
    return html`<section>
      <h2 id="changes">What changes</h2>
      <p>
        ${compared ? 'Nothing: every run that was compared came out the same.' : 'That is not known: no run could be compared.'}
      </p>
    </section> `
  }
  return html`<section>
    <h2 id="changes">What changes</h2>
    <p class="soft">
      The worst first: what changes the world before what only reads. The words are those of models and tools, shown as
      they came.
    </p>
    ${some.map(ofAgent)}
  </section> `
}

function ofAgent({ agent, changes, reordered, examples: all }: AgentMigration): Html {
  const kinds = [
    ...changes.map(({ kind, runs }) => html`<li>${KINDS[kind] ?? kind}: ${sayCount(runs, 'run')}</li>`),
    reordered > 0 &&
      html`<li>the same calls in another order: ${sayCount(reordered, 'run')}, which counts as the same</li>`,
  ]
  return html`<h3>${agent}</h3>
    <ul>
      ${kinds}
    </ul>
    ${all.slice(0, EXAMPLES).map(example)}
    ${all.length > EXAMPLES && html`<p>${sayCount(all.length - EXAMPLES, 'more run')} changed: <code>--json FILE</code> has them by their ids.</p>`} `
}

const KINDS: Readonly<Record<string, string>> = {
  added: 'calls that were not made then',
  'left out': 'calls that are left out',
  arguments: 'calls with other arguments',
  rules: 'calls that a rule refuses on one side alone',
  unusable: 'calls that can be run on one side alone',
  answer: 'other answers',
  end: 'other ends',
  parted: 'ways that part, at what was never recorded',
}

function example({ runId, definition, changes }: Example): Html {
  return html`<article class="example">
    <header>
      <h4>Run <code>${runId}</code></h4>
      <span class="soft">${definition}</span>
    </header>
    ${changes.map(change)}
  </article> `
}

function change({ what, recorded, candidate, times }: ExampleChange): Html {
  const both = recorded !== null || candidate !== null
  return html`<div class="change">
    <p>${what}${times > 1 && ` (${sayCount(times, 'time')})`}</p>
    ${
      both &&
      html`<div class="sides">
        <div class="side">
          <h5>Recorded</h5>
          ${side(recorded, candidate)}
        </div>
        <div class="side to">
          <h5>Candidate</h5>
          ${side(candidate, recorded)}
        </div>
      </div> `
    }
  </div> `
}

/** One side, with the lines marked that the other one does not have. */
function side(text: string | null, other: string | null): Html {
  if (text === null) return html`<div class="none">nothing</div>`
  const [own, others] = [cut(text), other === null ? null : cut(other)]
  if (others === null) return html`<pre>${own}</pre>`
  const lines = diff(own.split('\n'), others.split('\n')).filter(([kind]) => kind !== -1)
  const shown = lines.map(([kind, line], index): Part => {
    const end = index < lines.length - 1 ? '\n' : ''
    return kind === 0 ? `${line}${end}` : html`<mark>${line}</mark>${end}`
  })
  return html`<pre>${shown}</pre>`
}

function cut(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text
  const left = (text.length - MOST_CHARACTERS).toLocaleString('en-US')
  return `${text.slice(0, MOST_CHARACTERS)}\n(${left} characters more)`
}
