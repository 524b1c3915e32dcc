// What a model gives is held to its type before it is recorded: a model may be anybody's code, and what is recorded
// stays. ask-model.ts calls this. It writes nothing, and logs figures that cannot be added up once.
import type { ReplyItem } from '../../contracts/item.ts'
import type { ModelReply } from '../../contracts/model.ts'
import type { Logger } from '../../contracts/clock.ts'
import { isObject, sayGiven } from '../../define/argument.ts'
import { ModelError } from '../../values/errors.ts'
import type { Spent, Usage } from '../../values/spent.ts'
import { remarkOnce } from '../remark.ts'

/** The texts that each kind of item has. */
const TEXTS: { readonly [K in ReplyItem['kind']]: readonly string[] } = {
  assistant: ['text'],
  refusal: ['text'],
  reasoning: ['text'],
  call: ['callId', 'name', 'arguments'],
  hosted: ['tool'],
}

const FINISHES: readonly unknown[] = ['stop', 'length', 'content-filter', 'other'] satisfies ModelReply['finish'][]

/**
 * Holds a reply to its type. Figures that cannot be added up are left out, which makes it one of unknown price; that is
 * logged once.
 *
 * @throws ModelError with code `bad_reply`, naming the place, where it cannot be gone on with.
 */
export function checkReply(reply: ModelReply, log: Logger): ModelReply {
  const wrong = wrongIn(reply)
  if (wrong !== undefined)
    throw new ModelError({
      code: 'bad_reply',
      message: `The model gave a reply that cannot be taken: ${wrong}. It must be a ModelReply: mend the model.`,
    })
  const { usage, costNano, ...rest } = reply
  return { ...rest, ...checkSpent({ ...(usage && { usage }), ...(costNano !== undefined && { costNano }) }, log) }
}

/** As `checkReply`, of what an ask is said to have been charged. */
export function checkSpent(spent: Spent, log: Logger): Spent {
  const { usage, costNano, estimated } = spent
  const isCounted = usage === undefined || isUsage(usage)
  const isPriced = costNano === undefined || isCount(costNano)
  if (isCounted && isPriced) return spent
  const figures = JSON.stringify({ usage, costNano }, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
  remarkOnce(
    log,
    'figures of a model',
    `The model says of an ask what cannot be added up, and it counts as one of unknown price: ${figures}. Tokens and costNano must be whole numbers from 0 on.`,
  )
  return { ...(isCounted && usage && { usage }), ...(estimated && { estimated }) }
}

/** Says what keeps a value from being a reply, with its place: `items[0].text is nothing`. */
export function wrongIn(reply: unknown): string | undefined {
  if (!isObject(reply)) return `it is ${sayGiven(reply)}`
  const { items, finish, model } = reply
  if (!Array.isArray(items)) return wrongInItems(items)
  if (!FINISHES.includes(finish)) return `finish is ${sayGiven(finish)}`
  if (model !== undefined && typeof model !== 'string') return `model is ${sayGiven(model)}`
  return wrongInItems(items)
}

/** Says what is wrong in what a reply is to consist of, with its place; undefined where nothing is. */
export function wrongInItems(items: unknown): string | undefined {
  if (!Array.isArray(items)) return `items is ${sayGiven(items)}`
  for (const [at, item] of (items as readonly unknown[]).entries()) {
    const wrong = wrongOf(item)
    if (wrong !== undefined) return `items[${at}]${wrong}`
  }
  return undefined
}

function wrongOf(item: unknown): string | undefined {
  if (!isObject(item)) return ` is ${sayGiven(item)}`
  const { kind } = item
  if (typeof kind !== 'string' || !Object.hasOwn(TEXTS, kind)) return `.kind is ${sayGiven(kind)}`
  const texts = TEXTS[kind as ReplyItem['kind']]
  const wrong = texts.find((name) => typeof item[name] !== 'string')
  return wrong === undefined ? undefined : `.${wrong} is ${sayGiven(item[wrong])}`
}

function isUsage(usage: unknown): usage is Usage {
  if (!isObject(usage)) return false
  const { inputTokens, cachedTokens, cacheWriteTokens = 0, outputTokens, reasoningTokens } = usage
  return [inputTokens, cachedTokens, cacheWriteTokens, outputTokens, reasoningTokens].every(isCount)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
