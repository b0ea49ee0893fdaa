/** A standard stream of a process. */
interface Outlet {
  on(event: 'error', hear: (error: NodeJS.ErrnoException) => void): unknown
  write(text: string): unknown
}

/**
 * Keeps a process alive whose standard streams take nothing more. A reader that has seen enough (`weir schema | head`) or a log
 * collector that went away is no reason to die. Nor is, for one that serves, a full disk under its log (failures.md D3 28): its
 * lines are lost, which is told once, and the calls are not.
 * @param serves whether it serves clients; one that does not has its output for its only purpose, and fails without it.
 */
export function outliveLog({ stdout, stderr }: { stdout: Outlet; stderr: Outlet }, serves: () => boolean): void {
  let hasToldLostLines = false
  stdout.on('error', (error) => {
    if (error.code === 'EPIPE') return
    if (!serves()) throw error
    if (hasToldLostLines) return
    hasToldLostLines = true
    stderr.write(`weir: the log cannot be written (${error.code}); lines are lost until it can\n`)
  })
  stderr.on('error', (error) => {
    // It may lie on the same disk; then nobody is left to be told.
    if (error.code !== 'EPIPE' && !serves()) throw error
  })
}
