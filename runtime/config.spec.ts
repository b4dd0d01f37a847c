import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { commaList, loadConfig, wholeNumber } from './config.ts';
import { AppError } from './errors.ts';

const shape = {
  PORT: wholeNumber(1, 65_535).describe('where to listen'),
  BROKERS: commaList.describe('bootstrap servers'),
  LEVEL: z.enum(['info', 'debug']).default('info'),
  NOTE: z.string().optional(),
};

function faultsOf(env: Record<string, string | undefined>): AppError {
  try {
    loadConfig(shape, env);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('the environment', () => {
  it('is read into typed values with defaults', () => {
    expect(loadConfig(shape, { PORT: '8080', BROKERS: 'a:1, b:2 ,', OTHER: 'x' })).toEqual({
      PORT: 8080,
      BROKERS: ['a:1', 'b:2'],
      LEVEL: 'info',
      NOTE: undefined,
    });
  });

  it('has every fault listed at once, each by its variable and its purpose', () => {
    const { code, message, facts } = faultsOf({ PORT: '99999', LEVEL: 'loud' });
    expect(code).toBe('config-invalid');
    expect(facts.variables).toEqual(['PORT', 'BROKERS', 'LEVEL']);
    expect(message).toContain('PORT: expected at most 65535 (where to listen)');
    expect(message).toContain('BROKERS: is not set (bootstrap servers)');
    expect(message).toMatch(/LEVEL: .*"info"\|"debug"/);
  });

  it('counts an empty variable as unset', () => {
    expect(loadConfig(shape, { PORT: '1', BROKERS: 'a:1', LEVEL: '', NOTE: '' }).LEVEL).toBe('info');
    expect(faultsOf({ PORT: '', BROKERS: 'a:1' }).message).toContain('PORT: is not set');
  });

  it.each(['-1', '1.5', '1e3', '0x10', ' 1', '0', 'abc'])('refuses %j as a port', (text) => {
    expect(faultsOf({ PORT: text, BROKERS: 'a:1' }).facts.variables).toEqual(['PORT']);
  });

  it('refuses a list of nothing but commas', () => {
    expect(faultsOf({ PORT: '1', BROKERS: ' , ,' }).message).toContain('expected at least one entry');
  });

  it('has faults that never quote a value, which may be a secret', () => {
    expect(faultsOf({ PORT: 's3cret', BROKERS: 'a:1', LEVEL: 's3cret' }).message).not.toContain('s3cret');
  });
});
