import type { Logger } from 'pino'
import type { CrewNews } from '../workers/crew.ts'

/** Writes what becomes of workers to the log. */
export function tellCrewNews(log: Logger, news: CrewNews): void {
  const { kind, member } = news
  const worker = member.pid
  switch (kind) {
    case 'serving':
      return log.info({ worker }, 'a worker serves')
    case 'died':
      return log.error({ worker, how: news.how, nextInMs: news.nextInMs }, 'a worker died')
    case 'spare-died':
      return log.error({ worker, how: news.how }, 'a worker died that was to take the place of another')
    case 'stuck':
      return log.error({ worker, err: news.why }, 'a worker answers nothing; it is killed and replaced')
    case 'cannot-serve':
      return log.error({ worker, err: news.why }, 'a worker that should take the place of a dead one cannot serve')
    case 'not-drained':
      return log.error({ worker, err: news.why }, 'a worker did not end in order; it is killed')
    case 'not-replaced':
      return log.error({ worker, err: news.why }, 'no successor of this worker could serve; it stays')
  }
}
