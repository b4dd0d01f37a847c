// Which passwords are refused. Pure. Length counts, composition does not (NIST SP 800-63B §5.1.1.2).

const CHARS_MIN = 12;
/** Longer ones would only make the hash's input costly; no person types more. */
const CHARS_MAX = 128;
const DISTINCT_CHARS_MIN = 5;

/** Codes, as the API tells them. */
export type PasswordFault =
  | 'password-too-short'
  | 'password-too-long'
  | 'password-too-common'
  | 'password-too-uniform'
  | 'password-like-address';

/** Words that the longest lists of leaked passwords are made of; with digits or signs around them they stay guessable. */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  `password passwort passw0rd p@ssword p@ssw0rd motdepasse contrasena password1 qwerty qwertz azerty qwertyuiop qwertzuiop
  azertyuiop asdfghjkl asdfgh zxcvbnm yxcvbnm qazwsx qazwsxedc iloveyou letmein welcome willkommen admin administrator
  changeme secret superman batman football baseball basketball monkey dragon sunshine princess master shadow michael
  charlie jordan liverpool arsenal chelsea computer internet starwars pokemon whatever trustno abcdefgh abcdefghijkl
  abcdefghijklmnop abc abcd default login access hello helloworld test testtest guest correcthorsebatterystaple
  google summer winter spring autumn january december monday friday company shop`.split(/\s+/),
);
const SEQUENCES = [
  '01234567890123456789',
  '09876543210987654321',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
];

/** One text for what looks the same on every keyboard; hashes are made of this. */
export const canonicalPassword = (password: string): string => password.normalize('NFKC');

/** Why a password is refused, or undefined. Says nothing about whether the address has an account. */
export function passwordFault(password: string, emailKey: string): PasswordFault | undefined {
  const text = canonicalPassword(password);
  const { length } = Array.from(text);
  if (length < CHARS_MIN) return 'password-too-short';
  if (length > CHARS_MAX) return 'password-too-long';
  const lower = text.toLowerCase();
  if (new Set(lower).size < DISTINCT_CHARS_MIN || isRepetition(lower)) return 'password-too-uniform';
  if (isCommon(lower)) return 'password-too-common';
  return isLikeAddress(lower, emailKey) ? 'password-like-address' : undefined;
}

/** `abcdabcdabcd`: one piece again and again. */
function isRepetition(text: string): boolean {
  const period = (text + text).indexOf(text, 1);
  return period < text.length && period <= text.length / 2;
}

function isCommon(lower: string): boolean {
  const letters = lower.replace(/[\d\W_]+$/u, '').replace(/^[\d\W_]+/u, '');
  const joined = lower.replace(/[\s._-]+/g, '');
  return (
    COMMON_WORDS.has(letters) || COMMON_WORDS.has(joined) || SEQUENCES.some((row) => row.includes(lower))
  );
}

const LOCAL_PART_CHARS_MIN = 4;

/** The address itself, or a name from it with little around. */
function isLikeAddress(lower: string, emailKey: string): boolean {
  if (lower === emailKey) return true;
  const localPart = emailKey.slice(0, emailKey.lastIndexOf('@'));
  if (localPart.length < LOCAL_PART_CHARS_MIN || !lower.includes(localPart)) return false;
  // What remains must be a password by itself.
  return lower.length - localPart.length < CHARS_MIN;
}
