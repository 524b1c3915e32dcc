// What to do next, in a few steps.
import type { Migration } from '../migration.ts'
import { html, type Html, type Part } from './markup.ts'

/** What to do next. */
export function next(migration: Migration): Html {
  const { from, to, agents, definitions } = migration
  const names = definitions.map(({ definition, agent }) =>
    agent === definition.name ? agent : `${agent} of ${definition.name}`,
  )
  const going = agents.filter(({ verdict }) => verdict.kind === 'go').map(({ agent }) => agent)
  const fine = agents
    .filter(({ verdict, examples }) => verdict.kind === 'go' && examples.length > 0)
    .map(({ agent }) => agent)
  const held = agents.filter(({ verdict }) => verdict.kind !== 'go').map(({ agent }) => agent)
  return html`<section>
    <h2 id="next">What to do next</h2>
    <ol>
      ${
        held.length > 0 &&
        html`<li>
          <a href="#changes">Look at what changes</a> in ${list(held)}. Mend the instructions, the tools' texts or the
          rules and run this again; or gather more runs, where the evidence is too thin.
        </li> `
      }${
        fine.length > 0 &&
        html`<li>
          Look at the runs of ${list(fine)} that changed, <a href="#changes">below</a>: few, and perhaps not harmless.
        </li> `
      }${
        going.length > 0 &&
        html`<li>
          Try ${list(going)} in a part of the traffic first: <a href="#canary">what a canary would have to show</a>.
        </li> `
      }
      <li>
        The change in code is <code>model: '${to.model}'</code> in place of <code>model: '${from.model}'</code>, in
        ${names.length > 0 ? list([...new Set(names)]) : 'whatever names it: no definition of this config does'}.
      </li>
      <li>
        Runs that have begun go on with the model that they recorded, since <code>onChange</code> is
        <code>'pin'</code> where nothing is said. ${pinned(migration)}
      </li>
      <li>
        <code>reprise models --in-use --retiring-within 30d</code> fails in CI as long as somebody uses a model that
        ends by then.
      </li>
    </ol>
  </section> `
}

function pinned({ from, open }: Migration): Part {
  const until = from.retires === null ? `${from.model} ends` : `${from.retires}, when ${from.model} ends`
  if (open.length === 0) return `None is open now. One that still waits after ${until}, asks for a model that is gone.`
  return html`${open.length.toLocaleString('en-US')} of them ${open.length === 1 ? 'is' : 'are'}
    <a href="#open">open now</a>. One that goes on after ${until}, is refused by the service and stands as interrupted:
    nothing is lost, and it goes on once a definition with <code>onChange: 'adopt'</code> gives it the new model.`
}

function list(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
