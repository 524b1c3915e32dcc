import { type Json, printable } from '@reprise/core'
import { InvalidArgumentError, Option } from 'commander'
import type { Io } from './io.ts'

/** What a command that prints JSON on request is given. */
export interface JsonOption {
  readonly json?: true
}

/** The option `--json`. */
export function jsonOption(what = 'print JSON'): Option {
  return new Option('--json', what)
}

/** Reads JSON from the command line. */
export function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new InvalidArgumentError(`It must be JSON: true, 12, '"text"' or '{"key": "value"}', quoted for your shell.`)
  }
}

/** Prints a value as JSON for a person and a program alike. */
export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${escaped(JSON.stringify(value, undefined, 2))}\n`)
}

/** Prints a value as one line of JSON, where more lines may follow. */
export function printJsonLine(io: Io, value: unknown): void {
  io.stdout.write(`${escaped(JSON.stringify(value))}\n`)
}

/** The same JSON, with what a terminal would obey as JSON's own escapes: `JSON.stringify` leaves DEL and all above. */
export function escaped(json: string): string {
  if (printable(json) === json) return json
  return Array.from(json, (sign) => (printable(sign) === sign ? sign : escapeOf(sign))).join('')
}

function escapeOf(sign: string): string {
  return String.raw`\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
}
