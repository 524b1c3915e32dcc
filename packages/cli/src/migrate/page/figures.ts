// Numbers as people read them.
import { NANO_PER_USD } from '@reprise/core'
import type { Figure } from '../migration.ts'

/** A share as a percentage, to a tenth where it is not whole. */
export function sayShare(share: number | undefined | null): string {
  return share === undefined || share === null ? 'unknown' : `${Number((100 * share).toFixed(1))}\u00A0%`
}

/** A change by a ratio: `-20 %` for 0.8. */
export function sayChange(ratio: number | undefined | null): string {
  if (ratio === undefined || ratio === null) return 'unknown'
  const percent = Math.round(100 * (ratio - 1))
  return `${percent > 0 ? '+' : percent < 0 ? `\u2212` : ''}${Math.abs(percent).toLocaleString('en-US')}\u00A0%`
}

/** Nano-dollars as dollars, to three figures. */
export function sayUsd(nano: number | undefined | null): string {
  if (nano === undefined || nano === null) return 'unknown'
  const usd = nano / NANO_PER_USD
  if (usd === 0) return '$0'
  const digits = usd >= 100 ? 0 : usd >= 1 ? 2 : Math.min(6, 2 - Math.floor(Math.log10(usd)))
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`
}

/** Milliseconds as seconds, or as they are below a tenth of one. */
export function sayMs(ms: number | undefined | null): string {
  if (ms === undefined || ms === null) return 'unknown'
  if (ms < 100) return `${Math.round(ms)}\u00A0ms`
  const digits = ms < 1_000 ? 2 : ms < 10_000 ? 1 : 0
  return `${(ms / 1_000).toFixed(digits)}\u00A0s`
}

/** A figure of a run in its unit. */
export function sayFigure(value: number | null, unit: Figure['unit']): string {
  if (value === null) return 'unknown'
  if (unit === 'usd') return sayUsd(value)
  if (unit === 'ms') return sayMs(value)
  return value.toLocaleString('en-US', { maximumFractionDigits: unit === 'tokens' ? 0 : 1 })
}

/** A number of things. */
export function sayCount(number: number, thing: string, things = `${thing}s`): string {
  return `${number.toLocaleString('en-US')}\u00A0${number === 1 ? thing : things}`
}

/** A day, as `30 November 2026`. */
export function sayDay(at: number): string {
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
}
