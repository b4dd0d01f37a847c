import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readEmail } from './domain.ts';

describe('an address', () => {
  it('is written to as its owner writes it, with the domain in lower case, and known by lower case alone', () => {
    expect(readEmail('  Ada.Lovelace+shop@Example.ORG ')).toEqual({
      address: 'Ada.Lovelace+shop@example.org',
      key: 'ada.lovelace+shop@example.org',
    });
  });

  it.each([
    '',
    'ada',
    'ada@',
    '@example.org',
    'ada@example',
    'a b@example.org',
    'a@b@example.org',
    'a,b@c.de',
  ])('is not %p', (text) => {
    expect(readEmail(text)).toBeUndefined();
  });

  it.each([
    ['ada@münchen.example', 'ada@xn--mnchen-3ya.example'],
    ['ada@MÜNCHEN.example', 'ada@xn--mnchen-3ya.example'],
    ['ada@mu\u0308nchen.example', 'ada@xn--mnchen-3ya.example'],
    ['ada@xn--mnchen-3ya.example', 'ada@xn--mnchen-3ya.example'],
    ['Ada@XN--MNCHEN-3YA.EXAMPLE', 'ada@xn--mnchen-3ya.example'],
    ['ada@münchen。example', 'ada@xn--mnchen-3ya.example'],
    ['ada@münchen.example.', 'ada@xn--mnchen-3ya.example'],
    ['ada@example.org.', 'ada@example.org'],
    ['ada@ｅｘａｍｐｌｅ.org', 'ada@example.org'],
    ['ada@faß.example', 'ada@xn--fa-hia.example'],
    ['ada@例え.テスト', 'ada@xn--r8jz45g.xn--zckzah'],
    ['jürgen@example.org', 'jürgen@example.org'],
    ['ju\u0308rgen@example.org', 'jürgen@example.org'],
  ])('%s is the mailbox %s, however its domain is written', (text, key) => {
    expect(readEmail(text)?.key).toBe(key);
  });

  it.each([
    'ada@example..org',
    'ada@.example.org',
    'ada@example.org..',
    'ada@-example.org',
    'ada@127.0.0.1',
    'ada@127.1',
    'ada@0x7f.1',
    'ada@evil.example/good.example',
    'ada@evil.example?good.example',
    'ada@evil.example#good.example',
    'ada@exa%6dple.org',
    'ada@example.org\u0000',
    'ada@\ud800.example',
    `ada@${'a'.repeat(64)}.example`,
    `ada@${'ü'.repeat(60)}.${'ü'.repeat(60)}.${'ü'.repeat(60)}.${'ü'.repeat(60)}.example`,
  ])('is not %s, whose domain no mail can reach', (text) => {
    expect(readEmail(text)).toBeUndefined();
  });

  it('cannot smuggle in a second header or address', () => {
    for (const text of ['a@b.org\nbcc:c@d.org', 'a@b.org,c@d.org', '<a@b.org>', 'a@b.org;c', 'a\0@b.org']) {
      expect(readEmail(text)).toBeUndefined();
    }
  });

  it('is at most 254 characters long', () => {
    expect(
      readEmail(`${'a'.repeat(64)}@${`${'b'.repeat(60)}.`.repeat(2)}${'b'.repeat(58)}.example`),
    ).toBeDefined();
    expect(readEmail(`${'a'.repeat(64)}@${`${'b'.repeat(60)}.`.repeat(3)}example`)).toBeUndefined();
  });

  it('stays itself when it is read again, and has one key however its case is', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (text) => {
        const email = readEmail(text);
        if (!email) return;
        expect(readEmail(email.address)).toEqual(email);
        expect(readEmail(text.toUpperCase())?.key).toBe(email.key);
      }),
    );
  });
});
