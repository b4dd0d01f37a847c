// An address book in memory, for specs: people come and go, challenges end, and it can be away.
import { AppError } from '#runtime/errors.ts';
import type { AddressBook, Contact } from './domain.ts';

export interface FakeAddressBook extends AddressBook {
  readonly people: Map<string, Contact>;
  readonly challenges: Map<string, Contact & { readonly token: string }>;
  isAway: boolean;
}

export function createFakeAddressBook(): FakeAddressBook {
  const book: FakeAddressBook = {
    people: new Map(),
    challenges: new Map(),
    isAway: false,
    contactOf: async (userId) => answer(book, book.people.get(userId)),
    challengeMail: async (challengeId) => answer(book, book.challenges.get(challengeId)),
  };
  return book;
}

function answer<Found>(book: FakeAddressBook, found: Found): Found {
  if (book.isAway) throw new AppError('service-unavailable', 'the address book is away');
  return found;
}
