export { openai } from './openai.ts'
export type { OpenAIOptions } from './openai.ts'
export { costNano, priceOf } from './catalog/cost.ts'
export type { Price } from './catalog/price.ts'
