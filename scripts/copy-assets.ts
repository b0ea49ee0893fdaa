import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The compiler copies code only. What else the product reads at run time follows here. */
const assets = /\.(sql|html|css|json)$/
for (const path of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
  if (!assets.test(path)) continue
  mkdirSync(dirname(join('dist', path)), { recursive: true })
  cpSync(join('src', path), join('dist', path))
}
