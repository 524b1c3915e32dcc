export type { RecordedConversation, RecordedFormat, RecordedReply } from './thread/conversation.ts'
export {
  conversationsFrom,
  type FromOptions,
  RECORDED_FORMATS,
  type RecordedConversations,
} from './conversations-from.ts'
export { journalOf, type JournalOptions, type RecordedJournal } from './journal-of.ts'
export type { RecordedText } from './read/records.ts'
export type { NotTaken } from './read/report.ts'
export type { AskedWith } from './say/exchange.ts'
