import { manualClock } from '@reprise/testing'
import type { FakeOptions } from '../options.ts'
import type { FakeScript } from '../script/script.ts'
import { sdk } from '../sdk.fixture.ts'

/** A fake with a clock of its own, and batches on it. */
export async function batching(script: FakeScript, options: FakeOptions = {}) {
  const clock = manualClock({ now: 1_764_000_000_000 })
  const { fake, client, ...service } = await sdk(script, { clock, ...options })

  async function submit(
    lines: readonly (object | string)[],
    endpoint: '/v1/responses' | '/v1/chat/completions' | '/v1/embeddings',
  ) {
    const text = lines.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n')
    const file = await client.files.create({ file: new File([text], 'lines.jsonl'), purpose: 'batch' })
    return client.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' })
  }

  /** The lines of a result file, by their custom ids. */
  async function results(fileId: string | undefined): Promise<[string, Result][]> {
    if (!fileId) return []
    const text = await (await client.files.content(fileId)).text()
    return text
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each) as Result)
      .map((result) => [result.custom_id, result])
  }

  return { fake, client, clock, results, submit, ...service }
}

interface Result {
  readonly custom_id: string
  readonly response: { readonly status_code: number; readonly body: Readonly<Record<string, unknown>> } | null
  readonly error: { readonly code: string } | null
}
