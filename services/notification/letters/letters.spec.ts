import { describe, expect, it } from '@jest/globals';
import { moneyText } from '#contracts/money.ts';
import { notificationTemplate } from '#contracts/notifications.ts';
import { cancellationReason } from '#contracts/orders.ts';
import type { Facts } from '../domain.ts';
import { writeLetterOf } from './letters.ts';

const eur = (amountMinor: number) => ({ amountMinor, currency: 'EUR' });
const FACTS: readonly Facts[] = [
  { template: 'verify-email', challengeId: 'c1' },
  { template: 'reset-password', challengeId: 'c1' },
  { template: 'order-confirmed', orderId: 'o-1', total: eur(1999) },
  ...cancellationReason.options.map(
    (reason): Facts => ({
      template: 'order-cancelled',
      orderId: 'o-1',
      total: eur(1999),
      reason,
    }),
  ),
  { template: 'payment-refunded', orderId: 'o-1', amount: eur(1999) },
];
const SHOP = { shopName: 'Shop', shopUrl: 'https://shop.example' };
const write = (facts: Facts, over: { locale?: string; token?: string; shopName?: string } = {}) =>
  writeLetterOf({ ...SHOP, locale: 'en', token: 'T0ken-1_', facts, ...over });
const cases = FACTS.flatMap((facts) =>
  ['de-AT', 'en'].map((locale) => ({ name: JSON.stringify(facts), locale, facts })),
);

describe('letters', () => {
  it('exist for every template of the contract', () => {
    const written = new Set(FACTS.map(({ template }) => template));
    expect([...written].toSorted()).toEqual([...notificationTemplate.options].toSorted());
  });

  it.each(cases)('leave no gap: $locale $name', ({ locale, facts }) => {
    const { subject, text, html } = write(facts, { locale });
    for (const part of [subject, text, html]) {
      expect(part).not.toMatch(/undefined|null|NaN|\[object|\{\{|\$\{|<%/);
      expect(part.trim()).not.toBe('');
    }
  });

  it.each(cases)('say the same in text and in HTML: $locale $name', ({ locale, facts }) => {
    const { text, html } = write(facts, { locale });
    const shown = html
      .slice(html.indexOf('<body'))
      .replace(/<[^>]+>/g, ' ')
      .replace(/&#39;/g, "'");
    for (const line of text.split('\n').filter(Boolean)) expect(shown).toContain(line.replace(/:$/, ''));
  });

  it('are German for readers of German, and English for everybody else', () => {
    const confirmed = FACTS[2]!;
    expect(write(confirmed, { locale: 'de' }).subject).toBe('Ihre Bestellung o-1 ist bestätigt');
    expect(write(confirmed, { locale: 'de_CH' }).html).toContain('<html lang="de">');
    for (const locale of ['en-GB', 'fr', '', 'den'])
      expect(write(confirmed, { locale }).subject).toBe('Your order o-1 is confirmed');
  });

  it('carry a token only in the fragment of the link, which no server sees', () => {
    const { subject, text, html } = write(FACTS[1]!, { token: 'a+b/c&d' });
    const link = 'https://shop.example/account/reset-password#token=a%2Bb%2Fc%26d';
    expect(text).toContain(`\n${link}\n`);
    expect(html).toContain(`href="${link}"`);
    expect(subject).not.toContain('token');
  });

  it('link below a shop that does not lie at the root', () => {
    const request = { ...SHOP, shopUrl: 'https://shop.example/eu', locale: 'en' };
    expect(writeLetterOf({ ...request, facts: FACTS[2]! }).text).toContain(
      'https://shop.example/eu/orders/o-1',
    );
  });

  it('escape whatever comes from elsewhere', () => {
    const orderId = `<img src=x onerror="a('&')">`;
    const evil: Facts = { template: 'order-confirmed', orderId, total: eur(1) };
    const { html } = write(evil, { shopName: '<b>Shop</b>' });
    expect(html).not.toMatch(/<img|<b>|onerror="/);
    expect(html).toContain('&lt;img src=x onerror=&quot;a(&#39;&amp;&#39;)&quot;&gt;');
    expect(html).toContain('/orders/%3Cimg%20src%3Dx');
  });

  it('have a subject of one line, whatever comes from elsewhere', () => {
    const orderId = 'o-1\r\nBcc: victim@mail.example\u2028x';
    const { subject } = write({ template: 'order-confirmed', orderId, total: eur(1) });
    expect(subject).toBe('Your order o-1 Bcc: victim@mail.example x is confirmed');
  });
});

describe('amounts', () => {
  const plain = (text: string) => text.replaceAll('\u00a0', ' ');

  it.each([
    [1999, 'EUR', 'de', '19,99 €'],
    [1999, 'EUR', 'en', '€19.99'],
    [123_456_789, 'EUR', 'de', '1.234.567,89 €'],
    [5, 'USD', 'en', '$0.05'],
    [0, 'EUR', 'en', '€0.00'],
    [1200, 'JPY', 'en', '¥1,200'],
    [1500, 'KWD', 'en', 'KWD 1.500'],
    [123_450, 'HUF', 'en', 'HUF 1,234.50'],
    [123_450, 'HUF', 'de', '1.234,50 HUF'],
  ])('%i minor units of %s are written in %s as %s', (amountMinor, currency, locale, text) => {
    expect(plain(moneyText({ amountMinor, currency }, locale))).toBe(text);
  });

  it('stay exact where a float would not', () => {
    expect(moneyText(eur(Number.MAX_SAFE_INTEGER), 'en')).toBe('€90,071,992,547,409.91');
  });
});
