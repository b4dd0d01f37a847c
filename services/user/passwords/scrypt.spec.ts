import { describe, expect, it } from '@jest/globals';
import { createPasswords } from './scrypt.ts';

const cheap = (hashesMax = 2) => createPasswords({ costLog2: 4, hashesMax });

describe('a password hash', () => {
  it('fits its password and no other, and says how it was made', async () => {
    const passwords = cheap();
    const hash = await passwords.hash('four unrelated words');
    expect(hash).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$[^$]{22}\$[^$]{43}$/);
    expect(await passwords.verify('four unrelated words', hash)).toBe(true);
    expect(await passwords.verify('four unrelated word', hash)).toBe(false);
    expect(await passwords.hash('four unrelated words')).not.toBe(hash);
  });

  it('fits a password however a keyboard composes it', async () => {
    const hash = await cheap().hash('cafe\u0301');
    expect(await cheap().verify('caf\u00e9', hash)).toBe(true);
  });

  it('is still understood when today asks for more, and then it is weak', async () => {
    const hash = await cheap().hash('old password');
    const today = createPasswords({ costLog2: 6, hashesMax: 1 });
    expect(await today.verify('old password', hash)).toBe(true);
    expect([today.isWeak(hash), cheap().isWeak(hash)]).toEqual([true, false]);
  });

  it.each([undefined, '', 'plain', '$scrypt$ln=31,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$' + 'A'.repeat(43)])(
    'that is none, %p, fits nothing and takes no memory that it asks for',
    async (stored) => {
      expect(await cheap().verify('anything', stored)).toBe(false);
    },
  );

  it('takes as long to say no for an account that does not exist, or whose hash was made with less', async () => {
    const passwords = createPasswords({ costLog2: 14, hashesMax: 1 });
    const hashes = [
      await passwords.hash('some password'),
      await createPasswords({ costLog2: 11, hashesMax: 1 }).hash('some password'),
      undefined,
    ];
    const timesMs: number[][] = [[], [], []];
    // In turns, so that whatever else the machine does falls on all of them.
    for (let count = 0; count < 9; count += 1) {
      for (const [index, hash] of hashes.entries()) {
        const startMs = performance.now();
        await passwords.verify('wrong password', hash);
        timesMs[index]!.push(performance.now() - startMs);
      }
    }
    const [known, old, unknown] = timesMs.map((times) => times.toSorted((one, other) => one - other)[4]!);
    // Far from each other they would be by the factor of 8 between the costs.
    for (const ratio of [known! / unknown!, old! / unknown!]) {
      expect(ratio).toBeGreaterThan(1 / 3);
      expect(ratio).toBeLessThan(3);
    }
  });
});

describe('a crowd', () => {
  it('waits for its turn, and who is too many is sent away at once', async () => {
    const passwords = cheap(1);
    const answers = await Promise.allSettled(Array.from({ length: 30 }, () => passwords.hash('x')));
    const refused = answers.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(30 - 17);
    for (const { reason } of refused) {
      expect(reason).toMatchObject({ code: 'busy', status: 503, headers: { 'retry-after': '2' } });
    }
    await expect(passwords.hash('x')).resolves.toContain('$scrypt$');
  });
});
