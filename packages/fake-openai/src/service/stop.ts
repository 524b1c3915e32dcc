import type { FakeReply } from '../script/script.ts'

/** Ends a reply before the first of the texts at which the request has it stop: nothing comes after that. */
export function stopped(reply: FakeReply, stop: string | readonly string[] | null | undefined): FakeReply {
  const { text = '' } = reply
  const places = [stop ?? []].flat().flatMap((end) => (end !== '' && text.includes(end) ? [text.indexOf(end)] : []))
  if (places.length === 0) return reply
  const { refusal: _, ...rest } = reply
  return { ...rest, text: text.slice(0, Math.min(...places)), calls: [], finish: 'stop' }
}
