import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { openDeliveries, type DeliveryTold } from '../alerts/deliver.ts'
import { post } from '../alerts/post.ts'
import { openBudgetWatch, type BudgetWatch } from '../alerts/watch.ts'
import type { Clock } from '../canonical/clock.ts'
import { openIds } from '../canonical/ids.ts'
import type { Alerts } from '../stores/ports/alerts.ts'
import type { BudgetAccounts } from '../stores/ports/budget-accounts.ts'
import type { OwnLedger } from '../stores/ports/ledger.ts'
import { budgetsInForce } from './budget-views.ts'
import type { LiveConfig } from './live-config.ts'

export interface BudgetAlertsParts {
  readonly clock: Clock
  readonly log: Logger
  readonly ledger: OwnLedger
  readonly accounts: BudgetAccounts
  readonly alerts: Alerts
  readonly live: LiveConfig
}

/** What the budgets reach is noted, logged, and told to those whom the config names. */
export function openBudgetAlerts({ clock, log, ledger, accounts, alerts, live }: BudgetAlertsParts): BudgetWatch {
  const onProblem = (problem: unknown) => log.error({ err: problem }, 'alerts of budgets could not be noted or sent')
  const deliveries = openDeliveries({
    clock,
    alerts,
    receivers: () => live.receivers,
    post,
    onOutcome: (told) => tell(log, told),
    onProblem,
  })
  const nextId = openIds(clock, randomBytes)
  const watch = openBudgetWatch({
    clock,
    ledger,
    accounts,
    alerts,
    rules: () =>
      budgetsInForce(live.snapshot)
        .map(({ rule }) => rule)
        .filter(({ alertsAt }) => alertsAt.length > 0),
    receivers: () => [...live.receivers.keys()],
    nextId: () => nextId().replace('req_', 'msg_'),
    onAlert: ({ id, accountId, percent }) => {
      if (percent === undefined) log.error({ alert: id, account: accountId }, 'a budget was drawn on beyond a bound')
      else log.warn({ alert: id, account: accountId, percent }, 'a budget has reached a threshold')
      deliveries.wake()
    },
    onProblem,
  })
  return {
    begin() {
      watch.begin()
      deliveries.wake()
    },
    posted: watch.posted,
    async close() {
      await watch.close()
      await deliveries.close()
    },
  }
}

function tell(log: Logger, { kind, alertId: alert, receiver, attempts, why }: DeliveryTold): void {
  switch (kind) {
    case 'delivered':
      return log.info({ alert, receiver, attempts }, 'an alert was delivered')
    case 'later':
      return log.warn({ alert, receiver, attempts, why }, 'an alert was not taken; it is sent again')
    case 'given-up':
      return log.error({ alert, receiver, attempts, why }, 'an alert could not be delivered and is given up')
  }
}
