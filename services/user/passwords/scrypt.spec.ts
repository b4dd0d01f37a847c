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

  it('can be verified when the cost is higher today, and then it is weak', async () => {
    const hash = await cheap().hash('old password');
    const today = createPasswords({ costLog2: 6, hashesMax: 1 });
    expect(await today.verify('old password', hash)).toBe(true);
    expect([today.isWeak(hash), cheap().isWeak(hash)]).toEqual([true, false]);
  });

  it.each([undefined, '', 'plain', '$scrypt$ln=31,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$' + 'A'.repeat(43)])(
    'that is not one of ours, %p, fits nothing, and its own parameters take no memory',
    async (stored) => {
      expect(await cheap().verify('anything', stored)).toBe(false);
    },
  );

  it('takes as long to refuse for an account that does not exist, or whose hash has a lower cost', async () => {
    const passwords = createPasswords({ costLog2: 14, hashesMax: 1 });
    const hashes = [
      await passwords.hash('some password'),
      await createPasswords({ costLog2: 11, hashesMax: 1 }).hash('some password'),
      undefined,
    ];
    const timesMs: number[][] = [[], [], []];
    // Alternating, so that other work of the machine affects all of them.
    for (let count = 0; count < 9; count += 1) {
      for (const [index, hash] of hashes.entries()) {
        const startMs = performance.now();
        await passwords.verify('wrong password', hash);
        timesMs[index]!.push(performance.now() - startMs);
      }
    }
    const [known, old, unknown] = timesMs.map((times) => times.toSorted((one, other) => one - other)[4]!);
    // Between the two costs is a factor of 8.
    for (const ratio of [known! / unknown!, old! / unknown!]) {
      expect(ratio).toBeGreaterThan(1 / 3);
      expect(ratio).toBeLessThan(3);
    }
  });
});

describe('a crowd', () => {
  it('waits for its turn, and those who are too many are refused at once', async () => {
    const passwords = cheap(1);
    const answers = await Promise.allSettled(Array.from({ length: 30 }, () => passwords.hash('x')));
    const refused = answers.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(30 - 17);
    for (const { reason } of refused) {
      expect(reason).toMatchObject({ code: 'busy' });
    }
    await expect(passwords.hash('x')).resolves.toContain('$scrypt$');
  });
});
