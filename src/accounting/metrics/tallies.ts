import { Counter, Histogram, type HistogramConfiguration } from 'prom-client'

/**
 * prom-client's counter and histogram, whose series are found once and then counted in plain numbers: its own ways hash all
 * the labels at every single count, which is most of what metrics cost an exchange. What a scrape shows is the same; a series
 * that was never counted is not shown.
 */
export class TalliedCounter<Label extends string> extends Counter<Label> {
  readonly #tallies = new Map<string, Tally<Label>>()

  /** The series with these labels. To be kept: finding it is what costs. */
  tally(labels: Readonly<Record<Label, string>>): Tally<Label> {
    return found(this.#tallies, labels, () => new Tally(labels))
  }

  override async get() {
    const values = [...this.#tallies.values()]
      .filter(({ wasCounted }) => wasCounted)
      .map(({ labels, total }) => ({ labels, value: total }))
    return { ...(await super.get()), values }
  }
}

export class Tally<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>
  total = 0
  wasCounted = false

  constructor(labels: Readonly<Record<Label, string>>) {
    this.labels = labels
  }

  add(amount: number): void {
    this.total += amount
    this.wasCounted = true
  }
}

type Bound<Label extends string> = Label | 'le'
type HistogramSettings<Label extends string> = Omit<HistogramConfiguration<Label>, 'collect'> & {
  readonly buckets: number[]
}

export class TalliedHistogram<Label extends string> extends Histogram<Bound<Label>> {
  readonly #settings: HistogramSettings<Label>
  readonly #spreads = new Map<string, Spread<Label>>()

  constructor(settings: HistogramSettings<Label>) {
    super(settings)
    this.#settings = settings
  }

  /** The series with these labels. To be kept: finding it is what costs. */
  spread(labels: Readonly<Record<Label, string>>): Spread<Label> {
    return found(this.#spreads, labels, () => new Spread(labels, this.#settings.buckets))
  }

  /** What `get()` and the registry's text are made of; of prom-client 15, which its types leave out. */
  getForPromString() {
    const { name, help } = this.#settings
    const values = [...this.#spreads.values()]
      .filter(({ count }) => count > 0)
      .flatMap(({ labels: sharedLabels, sum, count, cumulated }) => [
        ...cumulated.map(({ le, value }) => ({ metricName: `${name}_bucket`, labels: { le }, sharedLabels, value })),
        { metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum },
        { metricName: `${name}_count`, labels: {}, sharedLabels, value: count },
      ])
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values })
  }
}

export class Spread<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>
  readonly #bounds: readonly number[]
  /** How many fell into each bucket; the last is beyond every bound. */
  readonly #counts: number[]
  sum = 0
  count = 0

  constructor(labels: Readonly<Record<Label, string>>, bounds: readonly number[]) {
    this.labels = labels
    this.#bounds = bounds
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  observe(value: number): void {
    let place = 0
    while (place < this.#bounds.length && value > (this.#bounds[place] ?? 0)) place += 1
    this.#counts[place] = (this.#counts[place] ?? 0) + 1
    this.sum += value
    this.count += 1
  }

  /** For each bound, how many were not beyond it. */
  get cumulated(): readonly { readonly le: number | string; readonly value: number }[] {
    let value = 0
    return this.#counts.map((count, place) => {
      value += count
      return { le: this.#bounds[place] ?? '+Inf', value }
    })
  }
}

function found<Series>(
  known: Map<string, Series>,
  labels: Readonly<Record<string, string>>,
  make: () => Series,
): Series {
  const key = JSON.stringify(Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1)))
  const series = known.get(key) ?? make()
  known.set(key, series)
  return series
}
