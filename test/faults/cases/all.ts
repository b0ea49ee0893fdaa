import type { FaultCase } from '../trial.ts'
import { connectCases } from './connect.ts'
import { cutCases } from './cut.ts'
import { garbageCases } from './garbage.ts'
import { limitedCases } from './limited.ts'
import { slowCases } from './slow.ts'

/** In the order of their numbers. */
export const faultCases: readonly FaultCase[] = [
  ...connectCases,
  ...cutCases,
  ...slowCases,
  ...garbageCases,
  ...limitedCases,
].toSorted((one, other) => one.fault - other.fault)
