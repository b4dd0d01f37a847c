import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadConfig, wholeNumber } from './config.ts';
import type { AppError } from './errors.ts';

const shape = {
  KEY: z.string().min(3, 'too short').describe('opens everything'),
  PORT: wholeNumber(1).default(80),
  NOTE: z.string().optional(),
};

const root = mkdtempSync(join(tmpdir(), 'settings-'));
afterAll(() => rmSync(root, { recursive: true }));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, 'folder-'));
});
const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
const load = (env: Record<string, string> = {}) => loadConfig(shape, { SETTINGS_FOLDER: folder, ...env });
function faultsOf(env: Record<string, string> = {}): AppError {
  try {
    load(env);
  } catch (error) {
    return error as AppError;
  }
  throw new Error('the settings were accepted');
}

describe('a folder of settings', () => {
  it('gives each setting the content of the file of its name, without the last newline', () => {
    write('KEY', 's3cret\n');
    write('PORT', '8080\r\n');
    write('NOTE', 'two\nlines\n\n');
    expect(load()).toEqual({ KEY: 's3cret', PORT: 8080, NOTE: 'two\nlines\n' });
  });

  it('gives way to a variable, but not to an empty one', () => {
    write('KEY', 'from the file');
    expect(load({ KEY: 'from the environment' }).KEY).toBe('from the environment');
    expect(load({ KEY: '' }).KEY).toBe('from the file');
  });

  it('leaves a setting unset whose file is empty or absent', () => {
    write('KEY', 's3cret');
    write('PORT', '\n');
    expect(load()).toEqual({ KEY: 's3cret', PORT: 80, NOTE: undefined });
  });

  it('is read through the links by which the kubelet changes all files at once', () => {
    mkdirSync(join(folder, '..2026_11_28'));
    writeFileSync(join(folder, '..2026_11_28/KEY'), 's3cret');
    symlinkSync('..2026_11_28', join(folder, '..data'));
    symlinkSync('..data/KEY', join(folder, 'KEY'));
    expect(load().KEY).toBe('s3cret');
  });

  it.each([
    '__proto__',
    'constructor',
    'toString',
    '..data',
    'key',
    'NODE_OPTIONS',
    'SETTINGS_FOLDER',
    'KEY~',
  ])('is not looked at for a file that is called %s', (name) => {
    write('KEY', 's3cret');
    write(name, 'x'.repeat(100_000));
    expect(load()).toEqual({ KEY: 's3cret', PORT: 80, NOTE: undefined });
  });

  it('is not looked for when none is named', () => {
    expect(loadConfig(shape, { KEY: 's3cret', SETTINGS_FOLDER: '' }).KEY).toBe('s3cret');
    expect(loadConfig(shape, { KEY: 's3cret' }).KEY).toBe('s3cret');
  });
});

describe('a faulty file', () => {
  it('has its fault listed with all others, by the name of its setting and its purpose', () => {
    write('KEY', Buffer.from([0xff, 0xfe]));
    write('PORT', 'eighty');
    const { code, message, facts } = faultsOf();
    expect(code).toBe('config-invalid');
    expect(message).toContain('KEY: its file is no text in UTF-8 (opens everything)');
    expect(message).toContain('PORT: expected a whole number');
    expect(new Set(facts.variables as string[])).toEqual(new Set(['KEY', 'PORT']));
  });

  it('is refused when it is too large, and when it is no file', () => {
    write('KEY', 'x'.repeat(65_537));
    mkdirSync(join(folder, 'NOTE'));
    execFileSync('mkfifo', [join(folder, 'PORT')]);
    const { message } = faultsOf();
    expect(message).toContain('KEY: its file is larger than 65536 bytes');
    expect(message).toContain('NOTE: what has its name is no file');
    expect(message).toContain('PORT: what has its name is no file');
  });

  it('is as large as 64 KiB and no fault', () => {
    write('KEY', 'x'.repeat(65_536));
    expect(load().KEY).toHaveLength(65_536);
  });

  it('is no fault where a variable says it already', () => {
    mkdirSync(join(folder, 'KEY'));
    expect(load({ KEY: 'from the environment' }).KEY).toBe('from the environment');
  });

  it('is never quoted', () => {
    write('KEY', 's3');
    write('PORT', 's3cret');
    const { message } = faultsOf();
    expect(message).toContain('KEY: too short');
    expect(message).not.toContain('s3');
  });

  it('may be one whose link leads nowhere or in a circle', () => {
    symlinkSync('KEY', join(folder, 'KEY'));
    symlinkSync('gone', join(folder, 'NOTE'));
    expect(faultsOf().message).toContain('KEY: its file cannot be read (ELOOP)');
  });
});

it('a folder that is not there is a fault, since what it should give is missing', () => {
  expect(faultsOf({ SETTINGS_FOLDER: join(folder, 'gone') }).message).toContain(
    'SETTINGS_FOLDER: is no folder that can be read',
  );
  write('file', '');
  expect(faultsOf({ SETTINGS_FOLDER: join(folder, 'file'), KEY: 's3cret' }).facts.variables).toEqual([
    'SETTINGS_FOLDER',
  ]);
});
