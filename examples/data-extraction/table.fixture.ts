/** The lines of the table that the demo prints, one a file. */
export function tableIn(stdout: string): string[] {
  const lines = stdout.split('\n')
  const start = lines.findIndex((line) => line.startsWith('file  '))
  return lines.slice(start + 2, lines.findIndex((line) => /^\d+ files /.test(line)) - 1)
}

/** The files of the table, each with its status. */
export function statusesIn(stdout: string): string[] {
  return tableIn(stdout).map((line) => {
    const cells = line.split(/\s{2,}/)
    return `${cells[0]} ${cells.at(-4)}`
  })
}
