import type { FaultCase } from '../trial.ts'
import { connectCases } from './connect.ts'
import { cutCases } from './cut.ts'

/** In the order of their numbers. */
export const faultCases: readonly FaultCase[] = [...connectCases, ...cutCases]
