import type { MakeId } from '../http/ids.ts'
import type { Listed } from '../lists/page.ts'
import type { WireUsage } from '../prompt/usage.ts'
import type { Service } from '../service/service.ts'
import type { Files } from '../files/files.ts'
import type { BatchError, BatchLine } from './lines.ts'
import { type LineContext, type LineResult, runLine } from './run-line.ts'
import {
  type BatchEnd,
  type BatchStatus,
  type BatchTimes,
  endOf,
  expiresAt,
  lineFrom,
  linesFrom,
  statusAt,
  validatedAt,
} from './timeline.ts'

/** What a batch is made of. */
export interface BatchParts {
  readonly id: MakeId
  readonly service: Service
  readonly files: Files
  readonly context: Omit<LineContext, 'from' | 'service'>
  readonly inputFileId: string
  readonly metadata: unknown
  /** The model's full name; undefined where the file names none. */
  readonly model: string | undefined
  readonly lines: readonly BatchLine[]
  readonly errors: readonly BatchError[]
  /** Tokens that it holds in the queue of its model until it ends. */
  readonly tokens: number
}

/** A batch as the platform describes it. */
interface BatchObject extends Listed {
  readonly status: BatchStatus
  readonly [field: string]: unknown
}

/** A batch, which lives by the fake's clock: whoever looks at it brings it up to now. */
export class Batch {
  readonly id: string
  readonly parts: BatchParts
  #times: BatchTimes
  #results: readonly LineResult[] = []
  #lastDoneAt = 0
  #ran = false
  #files: { readonly output: string | null; readonly error: string | null } | undefined
  #settling: Promise<void> = Promise.resolve()

  constructor(parts: BatchParts) {
    this.parts = parts
    this.id = parts.id('batch')
    const createdAt = parts.service.clock.now()
    this.#times = { createdAt, cancelledAt: undefined, isWrong: parts.errors.length > 0 }
  }

  get isOver(): boolean {
    return this.#now >= this.#end.endedAt
  }

  /** Brings the batch up to now: has its lines answered, and writes its files once it is over. */
  settle(): Promise<void> {
    this.#settling = this.#settling.then(() => this.#settle())
    return this.#settling
  }

  cancel(): void {
    const { cancelledAt } = this.#times
    if (!this.isOver) this.#times = { ...this.#times, cancelledAt: cancelledAt ?? this.#now }
  }

  /** The batch as the platform describes it. */
  describe(): BatchObject {
    const { inputFileId, context, metadata, model, errors } = this.parts
    const times = this.#times
    const status = statusAt(times, this.#end, this.#now)
    return {
      id: this.id,
      object: 'batch',
      endpoint: context.endpoint,
      // Until its file is read, nobody knows it.
      ...(model !== undefined && { model: this.#ran ? model : null }),
      errors: status === 'failed' ? { object: 'list', data: errors } : null,
      input_file_id: inputFileId,
      completion_window: '24h',
      status,
      output_file_id: this.#files?.output ?? null,
      error_file_id: this.#files?.error ?? null,
      created_at: seconds(times.createdAt),
      in_progress_at: this.#ran ? seconds(validatedAt(times)) : null,
      expires_at: seconds(expiresAt(times)),
      ...this.#endTimes(),
      request_counts: this.#counts(),
      // It is counted when all is over.
      usage: this.#usage(this.#files ? this.#done : []),
      metadata: metadata ?? null,
    }
  }

  get #now(): number {
    return this.parts.service.clock.now()
  }

  get #end(): BatchEnd {
    return endOf(this.#times, Math.max(linesFrom(this.#times), this.#lastDoneAt))
  }

  async #settle(): Promise<void> {
    const { service, context, lines } = this.parts
    const begins = validatedAt(this.#times)
    const { cancelledAt = Infinity, isWrong } = this.#times
    if (!this.#ran && !isWrong && begins <= Math.min(this.#now, cancelledAt)) {
      this.#ran = true
      const results: LineResult[] = []
      for (const [at, line] of lines.entries())
        results.push(await runLine(line, { ...context, service, from: lineFrom(this.#times, at, lines.length) }))
      this.#results = results
      this.#lastDoneAt = results.reduce((last, { doneAt }) => Math.max(last, doneAt), 0)
    }
    if (this.#ran && this.isOver && !this.#files) this.#finish()
  }

  #finish(): void {
    const { service, id } = this.parts
    const done = new Set(this.#done)
    for (const { charged } of done) if (charged) service.charge(charged, 'batch')
    const isRight = (result: LineResult) => done.has(result) && result.status === 200
    const right = this.#results.filter(isRight).map(answered)
    const wrong = this.#results
      .filter((result) => !isRight(result))
      .map((result) => (done.has(result) ? answered(result) : this.#givenUp(result)))
    this.#files = {
      output: this.#write(id('file', 0), 'output', right),
      error: this.#write(id('file', 1), 'error', wrong),
    }
  }

  /** The platform promises no order, and was seen to give the lines in that of its input. */
  #write(fileId: string, what: string, lines: readonly Listed[]): string | null {
    if (lines.length === 0) return null
    const content = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const filename = `${this.id}_${what}.jsonl`
    this.parts.files.add({ id: fileId, filename, purpose: 'batch_output', content, at: this.#end.endedAt })
    return fileId
  }

  get #done(): readonly LineResult[] {
    const until = Math.min(this.#now, this.#end.upTo)
    return this.#results.filter(({ doneAt }) => doneAt <= until)
  }

  #givenUp({ id, customId }: LineResult): Listed & object {
    const error =
      this.#end.status === 'expired'
        ? {
            code: 'batch_expired',
            message: 'This request could not be executed before the completion window expired.',
          }
        : { code: 'batch_cancelled', message: 'This request was not executed before the batch was cancelled.' }
    return { id, custom_id: customId, response: null, error } as Listed
  }

  #endTimes(): object {
    const { status, upTo, endedAt } = this.#end
    const isOver = this.isOver
    const at = (name: BatchEnd['status']) => (isOver && status === name ? seconds(endedAt) : null)
    return {
      finalizing_at: status === 'completed' && this.#ran && this.#now >= upTo ? seconds(upTo) : null,
      completed_at: at('completed'),
      failed_at: at('failed'),
      expired_at: at('expired'),
      cancelling_at: status === 'cancelled' ? seconds(upTo) : null,
      cancelled_at: at('cancelled'),
    }
  }

  #counts(): object {
    const done = this.#done
    const completed = done.filter(({ status }) => status === 200).length
    const total = this.#ran ? this.#results.length : 0
    return { total, completed, failed: this.#files ? total - completed : done.length - completed }
  }

  #usage(done: readonly LineResult[]): WireUsage {
    const usages = done.flatMap(({ charged }) => charged?.usage ?? [])
    const sum = (of: (usage: WireUsage) => number): number => usages.reduce((total, usage) => total + of(usage), 0)
    return {
      input_tokens: sum((usage) => usage.input_tokens),
      input_tokens_details: {
        cached_tokens: sum((usage) => usage.input_tokens_details.cached_tokens),
        cache_write_tokens: sum((usage) => usage.input_tokens_details.cache_write_tokens),
      },
      output_tokens: sum((usage) => usage.output_tokens),
      output_tokens_details: { reasoning_tokens: sum((usage) => usage.output_tokens_details.reasoning_tokens) },
      total_tokens: sum((usage) => usage.total_tokens),
    }
  }
}

function answered({ id, customId, requestId, status, body }: LineResult): Listed {
  const response = { status_code: status, request_id: requestId, body }
  return { id, custom_id: customId, response, error: null } as Listed
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000)
}
