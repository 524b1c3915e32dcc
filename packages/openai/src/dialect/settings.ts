import type { Clock } from '@reprise/core'
import type { Price } from '../catalog/price.ts'
import type { Traits } from '../catalog/traits.ts'
import type { Connection, Connected } from '../connect/client.ts'
import type { Key } from '../connect/key.ts'
import type { Timeouts } from '../connect/deadlines.ts'

/** What `openai` may be told besides how the server is reached. */
export interface CommonOptions {
  /** Whether replies are streamed: words as they come. @default true */
  readonly stream?: boolean
  /** Prices by exact model name, over those of the catalogue. */
  readonly prices?: Readonly<Record<string, Price>>
  /** What models take and know, by exact name, over what the catalogue says. */
  readonly traits?: Readonly<Record<string, Traits>>
  /** The name that goes out by the model's name: on Azure, of a deployment. What is not listed goes out as it is. */
  readonly deployments?: Readonly<Record<string, string>>
  /** A client or a fetch of one's own keeps its own limits beside these. */
  readonly timeouts?: Timeouts
  /** What timeouts, and looks at a response in the background, go by. @default the machine's */
  readonly clock?: Clock
  /**
   * Whether the model is told the run's day and where its own knowledge ends, at the end of each request, where the
   * prompt cache does not suffer.
   *
   * @default false
   */
  readonly tellDate?: boolean
}

/** Which API is spoken, and what only one of the two can do. */
export type ApiOptions =
  | {
      /** @default 'responses' */
      readonly api?: 'responses'
      /**
       * Whether the service goes on with a reply when nobody listens, so that an ask that was interrupted is taken up
       * again and not paid twice. The service then keeps what is said for a while.
       *
       * @default false
       */
      readonly background?: boolean
      /** What a remote MCP server must be told to let the service in, by its label. Never journaled. */
      readonly mcpAuthorization?: Readonly<Record<string, Key>>
    }
  | {
      /** Chat Completions: for servers that do not speak the Responses API. */
      readonly api: 'chat'
      readonly background?: never
      readonly mcpAuthorization?: never
    }

/** What `openai` may be told. A client of one's own stands instead of key, URL and fetch. */
export type OpenAIOptions = Connection & ApiOptions & CommonOptions

/** What was told, with what was left out. */
export interface Settings extends Required<CommonOptions> {
  readonly connect: () => Promise<Connected>
  readonly background: boolean
  readonly mcpAuthorization: Readonly<Record<string, Key>>
}
