import type { Detector } from '../detector.ts'
import { secretAssignment } from './assignment.ts'
import { connectionUri } from './connection-uri.ts'
import { jwt } from './jwt.ts'
import { privateKey } from './private-key.ts'
import { secretlint } from './secretlint.ts'
import { vendorKey } from './vendor-keys.ts'

/** Keys, tokens and passwords. The widest stand first: what lies within a private key or a URI is a part of it. */
export const secrets: readonly Detector[] = [privateKey, connectionUri, jwt, vendorKey, secretlint, secretAssignment]
