import { runSimulation, type SimulationReport, type SimulationSettings } from './run-simulation.ts'

export interface AtTheCaps {
  /** Without caps. */
  readonly free: SimulationReport
  /** Each rule's cap is the most that one of its accounts came to without one. */
  readonly exact: SimulationReport
}

/**
 * Plays one story twice: without caps, to learn the most that every budget comes to, and with exactly that as its cap. The second
 * time every call has room to the last nano-dollar, so that each refusal is a false one (ledger.md I19).
 */
export async function playAtTheCaps(settings: SimulationSettings): Promise<AtTheCaps> {
  const free = await runSimulation({ ...settings, caps: new Map() })
  return { free, exact: await runSimulation({ ...settings, caps: free.most }) }
}
