import type { FaultCase } from '../trial.ts'
import { clientCases } from './clients.ts'
import { connectCases } from './connect.ts'
import { cutCases } from './cut.ts'
import { garbageCases } from './garbage.ts'
import { limitedCases } from './limited.ts'
import { reloadCases } from './reload.ts'
import { slowCases } from './slow.ts'

/** In the order of their numbers. */
export const faultCases: readonly FaultCase[] = [
  ...connectCases,
  ...cutCases,
  ...slowCases,
  ...garbageCases,
  ...limitedCases,
  ...reloadCases,
  ...clientCases,
].toSorted((one, other) => one.fault - other.fault)
