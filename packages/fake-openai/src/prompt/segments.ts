import { hash } from 'node:crypto'
import { fakeModel } from '../models/models.ts'
import {
  type ContentPart,
  type FunctionTool,
  type InputItem,
  isMessage,
  isOutput,
  type ResponsesBody,
} from '../script/body.ts'
import { imageTokens } from './image-tokens.ts'
import type { Tokenize } from './tokenizer.ts'
import { formatText, toolText } from './tool-text.ts'

/** A piece of a prompt, in the order in which the model reads them. */
export interface Segment {
  /** Two segments with the same key have the same tokens. */
  readonly key: string
  /** Its tokens, those of the framing among them. */
  tokens(): number[]
}

/** Stands for a token of the platform's framing, of which only the number is known. */
const FRAME = -1

/**
 * What a message costs besides its text and role, what opens the reply, and what a forced choice costs. The first two
 * figures are OpenAI's, the others were fitted to recorded usage.
 *
 * @see https://github.com/openai/openai-cookbook/blob/main/examples/How_to_count_tokens_with_tiktoken.ipynb
 */
const MESSAGE = 3
const PRIMING = 3
const REQUIRED = 9

/** What the tools together, a call and its output cost besides their text; fitted to recorded usage of each API. */
const frames = {
  responses: { tools: 0, call: 8, output: 5 },
  chat: { tools: 3, call: 9, output: 6 },
} as const

/** By which API a request came: they frame the same words differently. */
export type Api = keyof typeof frames

/** Cuts a request into the segments of its prompt: tools and format first, then the words. */
export function segmentsOf(body: ResponsesBody, api: Api, tokenize: Tokenize): Segment[] {
  const { tools = [], text, instructions, input, tool_choice: choice } = body
  const format = text?.format
  return [
    ...(tools.length === 0 ? [] : [toolsSegment(tools, api, tokenize)]),
    ...(format?.schema ? [segment(format, () => [...frame(1), ...tokenize(formatText(format))])] : []),
    ...(instructions ? [segment([instructions], () => message('system', instructions, tokenize))] : []),
    ...input.flatMap((item) => [itemSegment(item, api, tokenize), ...imageSegments(item, body.model)]),
    segment('priming', () => frame(PRIMING)),
    ...(choice === 'required' ? [segment('required', () => frame(REQUIRED))] : []),
  ]
}

const knownTools = new WeakMap<readonly FunctionTool[], Segment>()

/** A list of tools is written out once, however many requests carry it; it belongs to the requests of one API. */
function toolsSegment(tools: readonly FunctionTool[], api: Api, tokenize: Tokenize): Segment {
  let found = knownTools.get(tools)
  if (!found) {
    found = segment([api, tools], () => [...frame(frames[api].tools), ...tokenize(toolText(tools))])
    knownTools.set(tools, found)
  }
  return found
}

/** An item belongs to the requests of one API. */
const known = new WeakMap<InputItem, Segment>()

/** An item is written out once, however many requests carry it. */
function itemSegment(item: InputItem, api: Api, tokenize: Tokenize): Segment {
  let found = known.get(item)
  if (!found) known.set(item, (found = segment([api, item], () => itemTokens(item, api, tokenize))))
  return found
}

/** What a picture costs differs with the model; its place in the prompt is behind the words of its message. */
function imageSegments(item: InputItem, model: string): Segment[] {
  const content = isOutput(item) ? item.output : isMessage(item) ? item.content : ''
  if (typeof content === 'string') return []
  const family = fakeModel(model)?.family ?? model
  return content.flatMap(({ type, image_url: url, detail }) => {
    if (type !== 'input_image') return []
    return [segment([family, url, detail], () => frame(imageTokens(url ?? '', detail, family)))]
  })
}

/** What is longer than its digest is told by that: a tree keeps many of them. */
function segment(of: unknown, tokens: () => number[]): Segment {
  const text = JSON.stringify(of)
  return { key: text.length > 100 ? hash('sha256', text, 'base64url') : text, tokens }
}

function frame(count: number): number[] {
  return Array.from({ length: count }, () => FRAME)
}

function itemTokens(item: InputItem, api: Api, tokenize: Tokenize): number[] {
  const { call, output } = frames[api]
  if (item.type === 'function_call') return [...frame(call), ...tokenize(item.name), ...tokenize(item.arguments)]
  if (item.type === 'custom_tool_call') return [...frame(call), ...tokenize(item.name), ...tokenize(item.input)]
  if (isOutput(item)) return [...frame(output), ...tokenize(textOf(item.output))]
  // What a hosted item costs is the platform's secret.
  return isMessage(item) ? message(item.role, textOf(item.content), tokenize) : []
}

function message(role: string, text: string, tokenize: Tokenize): number[] {
  return frame(MESSAGE).concat(tokenize(role), tokenize(text))
}

function textOf(content: string | readonly ContentPart[]): string {
  return typeof content === 'string' ? content : content.map((part) => part.text ?? part.refusal ?? '').join('')
}
