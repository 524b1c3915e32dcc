import { isAzure } from './azure.ts'

/** Tells whether an address is OpenAI's own service or Azure's: what else speaks its API differs in known ways. */
export function isPlatform(url: string): boolean {
  return URL.canParse(url) && (/(^|\.)openai\.com$/.test(new URL(url).hostname) || isAzure(url))
}
