export { LineageKey } from './keys/lineage-key.ts'
export { MasterKey, masterKeys } from './keys/master-key.ts'
