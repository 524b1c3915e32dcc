import type { EvalResult, Report } from '@reprise/evals'

/** What was evaluated, as CI servers read it: a test for each gate, and one for each row that tells its scores. */
export function junit(evaluations: readonly { readonly report: Report; readonly result: EvalResult }[]): string {
  const suites = evaluations.map(({ report, result }) => {
    const cases = [...gateCases(report), ...rowCases(result)]
    const failures = cases.filter((text) => text.includes('<failure')).length
    return [
      `  <testsuite name="${escaped(report.name)}" tests="${cases.length}" failures="${failures}">`,
      ...cases.map((text) => `    ${text}`),
      '  </testsuite>',
    ].join('\n')
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`
}

function gateCases({ name, gates, unfinished }: Report): string[] {
  const wrong = unfinished.map(({ run, why }) => `${run}: ${why}`)
  const all = wrong.length > 0 ? [{ gate: 'finished', ok: false, told: wrong.join('; ') }, ...gates] : gates
  return all.map(({ gate, ok, told }) => {
    const head = `testcase classname="${escaped(name)}.gates" name="${escaped(gate)}"`
    return ok ? `<${head}/>` : `<${head}><failure message="${escaped(told)}"/></testcase>`
  })
}

function rowCases({ name, rows }: EvalResult): string[] {
  return rows.map(({ id, trials }) => {
    const told = trials.map(({ run, scores, why }) => JSON.stringify({ run, scores, why })).join('\n')
    const head = `testcase classname="${escaped(name)}.rows" name="${escaped(id)}"`
    return `<${head}><system-out>${escaped(told)}</system-out></testcase>`
  })
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Text as XML 1.0 may hold it: what it cannot is shown as U+FFFD. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, `\uFFFD`)
    .replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)
}
