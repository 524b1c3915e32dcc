import type { InputItem } from '../script/body.ts'

/** What a request may go on from. */
export interface Remembered {
  /**
   * The conversation up to a response and with it.
   *
   * @throws ApiError where there is no such response.
   */
  conversation(responseId: string): readonly InputItem[]
  /** An item that was put out; undefined where none of that id is kept. */
  item(id: string): InputItem | undefined
  /** What is said besides where one is missed: empty, unless some were dropped. */
  readonly whyMissed: string
}

/** Nothing that a request could go on from. */
export const nothingRemembered: Remembered = { conversation: () => [], item: () => undefined, whyMissed: '' }
