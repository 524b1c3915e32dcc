import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type KeptResults, readKept } from '@reprise/evals'

/** Where the results of an evaluation are kept: beside its config, to be committed with it. */
export function keptPath(config: string, name: string): string {
  return join(dirname(config), `${name}.eval.json`)
}

/** Reads what is kept at a path; nothing where there is no file. */
export function readKeptFile(path: string): KeptResults {
  return readKept(existsSync(path) ? readFileSync(path, 'utf8') : '', basename(path))
}

/** Writes it whole, or not at all. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}
