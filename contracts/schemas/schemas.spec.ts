import { describe, expect, it } from '@jest/globals';
import {
  eventContracts,
  goldenFileOf,
  jsonSchemaOf,
  readGoldens,
  schemaFault,
} from '../../test/contracts/golden-schemas.ts';

const goldens = await readGoldens();

describe('the golden schemas', () => {
  it.each(eventContracts().map((contract) => [contract.type, contract] as const))(
    'record %s as its contract says it today',
    (type, contract) => {
      expect(schemaFault(type, goldens.get(type), jsonSchemaOf(contract))).toBeUndefined();
    },
  );

  it('belong to an event each: a published version may not disappear', () => {
    const types = eventContracts().map(({ type }) => goldenFileOf(type));
    expect([...goldens.keys()].map(goldenFileOf).filter((file) => !types.includes(file))).toEqual([]);
  });
});
