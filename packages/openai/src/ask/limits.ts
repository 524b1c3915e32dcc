import type { RateLimit, RateLimits } from '@reprise/core'

/**
 * How much more the service would take now, by the `x-ratelimit-` headers of an answer.
 *
 * @returns undefined where they say nothing.
 */
export function limitsOf(headers: Headers): RateLimits | undefined {
  const requests = limitOf(headers, 'requests')
  const tokens = limitOf(headers, 'tokens')
  if (!requests && !tokens) return undefined
  return { ...(requests && { requests }), ...(tokens && { tokens }) }
}

function limitOf(headers: Headers, of: 'requests' | 'tokens'): RateLimit | undefined {
  const limit = count(headers.get(`x-ratelimit-limit-${of}`))
  const remaining = count(headers.get(`x-ratelimit-remaining-${of}`))
  const resetMs = durationMs(headers.get(`x-ratelimit-reset-${of}`))
  if (limit === undefined && remaining === undefined && resetMs === undefined) return undefined
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetMs === undefined ? {} : { resetMs }),
  }
}

function count(text: string | null): number | undefined {
  return text !== null && /^-?\d+$/.test(text) ? Math.max(0, Number(text)) : undefined
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A time as the service writes it: `20ms`, `1.5s`, `6m0s`, `1h2m3s`; plain seconds on Azure. */
function durationMs(text: string | null): number | undefined {
  if (text === null) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * UNITS.s
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)
  return Array.from(parts).reduce((sum, [, value, unit]) => sum + Number(value) * UNITS[unit as keyof typeof UNITS], 0)
}
