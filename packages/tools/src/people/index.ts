export { askUser, type AskUserOptions, type Question } from './ask-user.ts'
