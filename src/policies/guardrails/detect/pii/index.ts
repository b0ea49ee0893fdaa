import type { Detector } from '../detector.ts'
import { card } from './card.ts'
import { cryptoAddress } from './crypto-address.ts'
import { dateOfBirth } from './date-of-birth.ts'
import { email } from './email.ts'
import { iban } from './iban.ts'
import { ipAddress } from './ip-address.ts'
import { macAddress } from './mac-address.ts'
import { nationalIds } from './national-ids.ts'
import { passport } from './passport.ts'
import { phone } from './phone.ts'

/** Personal data by its form. Where two see one place, the first is right: what has a checksum stands before what has none. */
export const pii: readonly Detector[] = [
  email,
  iban,
  card,
  ...nationalIds,
  cryptoAddress,
  ipAddress,
  macAddress,
  dateOfBirth,
  passport,
  phone,
]
