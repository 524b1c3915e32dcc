/** How large a strict schema may be. */
export interface StrictLimits {
  /** When the figures were read. */
  readonly asOf: string
  /** Properties of all objects together. */
  readonly properties: number
  /** Steps from the root into properties and items; a reference is not followed, an alternative is no step. */
  readonly depth: number
  /** Characters of all names of properties and definitions, enum values and constants together. */
  readonly characters: number
  /** Values of all enums together. */
  readonly enumValues: number
  /** An enum of text with more values than this is large. */
  readonly largeEnum: number
  /** Characters of a large enum's values together. */
  readonly largeEnumCharacters: number
}

/**
 * The limits of OpenAI's strict schemas.
 *
 * @see https://platform.openai.com/docs/guides/structured-outputs (supported schemas)
 */
export const STRICT_LIMITS: StrictLimits = {
  asOf: '2026-11-22',
  properties: 5_000,
  depth: 10,
  characters: 120_000,
  enumValues: 1_000,
  largeEnum: 250,
  largeEnumCharacters: 15_000,
}

/** The text formats that strict mode knows; any other is refused by the service. */
export const FORMATS: ReadonlySet<unknown> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
])

/** Tells whether strict mode can match a pattern: it knows neither lookaround nor references back. */
export function isPlainPattern(pattern: string): boolean {
  // An escaped backslash escapes nothing after it.
  const bare = pattern.replaceAll('\\\\', '')
  return !/(?<!\\)\(\?(?:[=!]|<[=!])|\\[1-9]|\\k</.test(bare)
}
