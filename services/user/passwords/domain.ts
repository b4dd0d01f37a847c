// Which passwords are refused. Pure. Length matters, kinds of characters do not (NIST SP 800-63B §5.1.1.2).

const CHARS_MIN = 12;
/** A longer one only makes the hash costlier; no person types more. */
const CHARS_MAX = 128;
const DISTINCT_CHARS_MIN = 5;

/** The codes of the API. */
export type PasswordRefusal =
  | 'password-too-short'
  | 'password-too-long'
  | 'password-too-common'
  | 'password-too-uniform'
  | 'password-like-address';

/** The words that lists of leaked passwords mostly consist of; with digits or signs around them they stay easy to guess. */
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

/** One form for texts that look the same, however they were typed; passwords are hashed in this form. */
export const canonicalPassword = (password: string): string => password.normalize('NFKC');

/** Why a password is refused, or undefined. Says nothing about whether the address has an account. */
export function passwordRefusal(password: string, emailKey: string): PasswordRefusal | undefined {
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

/** The address itself, or the name in it with few other characters. */
function isLikeAddress(lower: string, emailKey: string): boolean {
  if (lower === emailKey) return true;
  const localPart = emailKey.slice(0, emailKey.lastIndexOf('@'));
  if (localPart.length < LOCAL_PART_CHARS_MIN || !lower.includes(localPart)) return false;
  // Without the name, the rest must be long enough to be a password.
  return lower.length - localPart.length < CHARS_MIN;
}
