/** How the page looks: on a screen in light and in dark, on a phone, and on paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --raised: #f6f7f9; --line: #d5d9df; --ink: #1c2128; --soft: #525b66;
  --recorded: #6b7683; --candidate: #0b5fc0; --go: #12703a; --stop: #b3261e; --wait: #855400;
  --go-fill: #e5f4ea; --stop-fill: #fcebe9; --wait-fill: #fdf3dc; --new: #e3eefb; --old: #eceef1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161b; --raised: #1b2128; --line: #38414c; --ink: #e6e9ed; --soft: #a7b0bb;
    --recorded: #98a3b0; --candidate: #6cb0ff; --go: #6cd394; --stop: #ff9a92; --wait: #eebd59;
    --go-fill: #16301f; --stop-fill: #3a1c1a; --wait-fill: #352a11; --new: #16293f; --old: #262d35;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
a { color: var(--candidate); }
main { max-width: 66rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .35rem; }
h2 { font-size: 1.3rem; margin: 2.75rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.75rem 0 .35rem; }
h4 { font-size: 1rem; margin: 0; }
p, ul, ol { margin: .4rem 0 .8rem; max-width: 48rem; }
ul, ol { padding-left: 1.25rem; }
li { margin: .3rem 0; }
code, pre { font: .875em/1.45 ui-monospace, Menlo, Consolas, monospace; }
code, pre, h1, h2, h3, h4 { overflow-wrap: anywhere; }
code { background: var(--raised); border-radius: 3px; padding: .05em .3em; }
.soft, figcaption, caption { color: var(--soft); }
.lead { font-size: 1.2rem; font-weight: 600; margin: .9rem 0 .5rem; }
.agents { display: grid; gap: .9rem; margin: 1rem 0; }
.agent { border: 1px solid var(--line); border-left-width: 6px; border-radius: 6px; padding: .8rem 1rem; }
.agent.go { border-left-color: var(--go); } .agent.no-go { border-left-color: var(--stop); } .agent.not-enough { border-left-color: var(--wait); }
.agent header { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; }
.agent h2 { margin: 0; padding: 0; border: 0; font-size: 1.15rem; }
.badge { font-weight: 700; padding: .1rem .6rem; border-radius: 4px; white-space: nowrap; }
.go > header .badge, .badge.go { color: var(--go); background: var(--go-fill); }
.no-go > header .badge, .badge.no-go { color: var(--stop); background: var(--stop-fill); }
.not-enough > header .badge, .badge.not-enough { color: var(--wait); background: var(--wait-fill); }
.agent p { margin: .4rem 0; max-width: none; }
dl.key { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .6rem 1.25rem; margin: .7rem 0 0; }
dl.key div { min-width: 0; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-weight: 600; }
dd small { display: block; font-weight: 400; font-size: .85rem; color: var(--soft); }
figure { margin: 1rem 0 1.75rem; }
figcaption { margin: .25rem 0 .6rem; max-width: 48rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: middle; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--soft); font-size: .85rem; vertical-align: bottom; }
tbody th { width: 12rem; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.p { width: 38%; min-width: 7rem; }
tr.axis td { border-bottom: 0; padding-top: 0; color: var(--soft); font-size: .8rem; }
.ends { display: flex; justify-content: space-between; }
.plot { display: block; }
.plot .base { stroke: var(--line); stroke-width: 1; }
.plot .held { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 3 3; }
.plot .span { stroke: var(--candidate); stroke-width: 2; }
.plot .dot { fill: var(--candidate); }
.plot rect.recorded, .plot circle.recorded, .plot .part.recorded { fill: var(--recorded); }
.plot rect.candidate, .plot circle.candidate { fill: var(--candidate); }
.plot line.recorded { stroke: var(--recorded); } .plot line.candidate { stroke: var(--candidate); }
.plot .wide { stroke-width: 3; }
.plot .part { stroke: var(--page); stroke-width: 2; }
.part.same { fill: var(--go); } .part.changed { fill: var(--wait); } .part.parted { fill: var(--stop); } .part.failed { fill: var(--line); }
.key-of { display: flex; flex-wrap: wrap; gap: .2rem 1.25rem; font-size: .875rem; color: var(--soft); padding: 0; margin: 0 0 .4rem; list-style: none; }
.key-of li { display: flex; align-items: center; gap: .4rem; margin: 0; }
.key-of svg { flex: none; }
.swatch-recorded { fill: var(--recorded); } .swatch-candidate { fill: var(--candidate); }
.example { border: 1px solid var(--line); border-radius: 6px; margin: 1rem 0; padding: .8rem 1rem; }
.example header { display: flex; flex-wrap: wrap; gap: .2rem .9rem; align-items: baseline; }
.change { margin-top: .7rem; }
.change > p { margin: 0 0 .3rem; font-weight: 600; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: .6rem; }
.side { min-width: 0; }
.side h5 { margin: 0; font-size: .8rem; font-weight: 400; color: var(--soft); }
.side pre { margin: 0; padding: .5rem .7rem; border-radius: 4px; white-space: pre-wrap; background: var(--old); border-left: 3px solid var(--recorded); }
.side.to pre { background: var(--new); border-left-color: var(--candidate); }
.side .none { padding: .5rem .7rem; border: 1px dashed var(--line); border-radius: 4px; color: var(--soft); }
.side mark { background: none; color: inherit; font-weight: 700; text-decoration: underline; text-decoration-thickness: 2px; text-underline-offset: 2px; }
@media (max-width: 40rem) {
  main { padding: 1rem .9rem 3rem; }
  h1 { font-size: 1.45rem; }
  .sides { grid-template-columns: 1fr; }
  dl.key { grid-template-columns: 1fr 1fr; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack, .stack caption, .stack tbody, .stack tr { display: block; }
  .stack tr { border-bottom: 1px solid var(--line); padding: .45rem 0; }
  .stack th, .stack td, .stack td.n, .stack td.p { display: block; width: auto; text-align: left; white-space: normal; border: 0; padding: .05rem 0; }
  .stack th { font-weight: 600; }
  .stack td[data-name]::before { content: attr(data-name) ": "; color: var(--soft); }
  .stack tr.axis { border: 0; padding: 0 0 .3rem; }
  .stack tr.axis td.blank { display: none; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #ffffff; --raised: #f6f7f9; --line: #c4c9d0; --ink: #000000; --soft: #444c56;
    --recorded: #6b7683; --candidate: #0b5fc0; --go: #12703a; --stop: #b3261e; --wait: #855400;
    --go-fill: #ffffff; --stop-fill: #ffffff; --wait-fill: #ffffff; --new: #ffffff; --old: #ffffff;
  }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  .agent, .change, figure, tr { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`
