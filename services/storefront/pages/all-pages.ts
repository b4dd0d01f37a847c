// All pages, each a function from its content to HTML; `pages.tsx` has them.
import type { PlatformPages } from './platform/props.ts';
import type { Pages } from './props.ts';
import type { SellerPages } from './seller/props.ts';

export type AllPages = Pages & PlatformPages & SellerPages;
