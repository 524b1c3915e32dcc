// How the verdicts were reached, and what they do not say.
import { NANO_PER_USD } from '@reprise/core'
import type { Migration } from '../migration.ts'
import { sayCount, sayShare, sayUsd } from './figures.ts'
import { html, type Html } from './markup.ts'
import type { KnownModel } from '../../models/known-model.ts'
import { sayEnd } from '../../models/known-model.ts'
import { type Cell, table } from './table.ts'

/** Method and limits. */
export function method(migration: Migration): Html {
  const { rule, recordings, asked, from, to } = migration
  const { sameAtLeast, confidence, comparedAtLeast } = rule
  return html`<section>
    <h2 id="method">How this was found, and its limits</h2>
    <p>
      Each recorded run was gone through again with ${to.model}: the same input, the same texts and tools, and tools
      that answer from the journal. Of ${sayCount(recordings.found, 'run')} in which ${from.model} answered,
      ${recordings.tried.toLocaleString('en-US')} were tried.
    </p>
    ${
      recordings.left.length > 0 &&
      html`<ul>
        ${recordings.left.map(({ why, runs }) => html`<li>${sayCount(runs, 'run')}: ${why}</li>`)}
      </ul>`
    }
    <p>An agent is judged by the runs in which it answered:</p>
    <ul>
      <li>
        <strong>GO</strong> where the lower end of the interval of the share that comes out the same is
        ${sayShare(sameAtLeast)} or more, ${sayShare(comparedAtLeast)} of the runs could be compared, and it does
        nothing wrong more often than the recording beyond chance.
      </li>
      <li>
        <strong>NO-GO</strong> where the upper end is below ${sayShare(sameAtLeast)}, or it does something wrong more
        often beyond chance: McNemar's exact test over the runs that were compared to their ends.
      </li>
      <li><strong>NOT ENOUGH EVIDENCE</strong> in between.</li>
    </ul>
    <p>
      Shares have Wilson's interval at ${sayShare(confidence)}, other figures a bootstrap's. Each agent and each figure
      is judged by itself: of twenty that are alike, one looks otherwise by chance.
    </p>
    <ul>
      <li>
        Another action is not always a worse one: look at the examples. And a model asked twice does not always do the
        same: <code>reprise migrate ${from.model} --to ${from.model}</code> says how much of the difference is that.
      </li>
      <li>A run that parts is held to be different, and nothing is known of what would have come after.</li>
      <li>Words that no schema holds are not compared: read some.</li>
      <li>The runs are those of the past. Customers who hear other answers say other things.</li>
      <li>
        Prices, sizes and dates are those of a list, which ages; replies were charged as their service or its list said.
      </li>
    </ul>
    ${table('The two models', [{ is: 'Model' }, { is: 'Dollars a million tokens: in, cached, out' }, { is: 'Most tokens' }, { is: 'Ends' }, { is: 'Known from' }], [model(from), model(to)])}
    <p class="soft">
      This backtest made
      ${sayCount(asked.asks, 'ask')}${asked.reused > 0 && ` and took ${sayCount(asked.reused, 'reply', 'replies')} that were paid for before`};
      it was charged
      ${sayUsd(asked.costNano)}${asked.unpriced > 0 && ` and ${sayCount(asked.unpriced, 'ask')} of unknown price`}.
    </p>
  </section> `
}

function model(known: KnownModel): Cell[] {
  const { price, contextTokens, inputTokens, outputTokens, source, asOf } = known
  const usd = (dollars: number) => sayUsd(dollars * NANO_PER_USD)
  const room = contextTokens ?? inputTokens
  const sizes = [
    ...(room === null ? [] : [`${room.toLocaleString('en-US')} read`]),
    ...(outputTokens === null ? [] : [`${outputTokens.toLocaleString('en-US')} written`]),
  ]
  return [
    { is: known.model },
    {
      is: price ? [usd(price.inputUsd), usd(price.cachedUsd), usd(price.outputUsd)].join(', ') : 'unknown',
      name: 'Dollars a million tokens',
    },
    { is: sizes.join(', ') || 'unknown', name: 'Most tokens' },
    { is: sayEnd(known), name: 'Ends' },
    {
      is: source === null ? 'nothing is known of it' : `${source}${asOf === null ? '' : `, ${asOf}`}`,
      name: 'Known from',
    },
  ]
}
