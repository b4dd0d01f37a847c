// The frame of every page: head, header with search, account and cart, notice, footer.
import type { ComponentChildren } from 'preact';
import type { Frame, FrameProps } from './props.ts';

/** Addresses of what build.ts bundles for browsers. */
declare const ASSETS: {
  readonly app: { readonly js: string };
  readonly shop: { readonly css: string };
  readonly platform: { readonly js: string; readonly css: string };
  readonly seller: { readonly js: string; readonly css: string };
  readonly card: { readonly js: string; readonly css: string };
};

interface DocumentProps {
  readonly title: string;
  readonly frame: Frame;
  /** Script and styles that only some pages need. */
  readonly bundle?: 'platform' | 'seller' | 'card' | undefined;
  readonly children: ComponentChildren;
}

export function Document({ title, frame, bundle, children }: DocumentProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · ${frame.shopName}`}</title>
        <link rel="stylesheet" href={ASSETS.shop.css} />
        {bundle && <link rel="stylesheet" href={ASSETS[bundle].css} />}
        <link rel="icon" href="data:," />
        <script type="module" src={ASSETS.app.js} />
        {bundle && <script type="module" src={ASSETS[bundle].js} />}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <Header frame={frame} />
        <main id="main" tabIndex={-1}>
          {frame.notice && (
            <p class="notice" role="status">
              {frame.notice}
            </p>
          )}
          {children}
        </main>
        <Footer frame={frame} />
      </body>
    </html>
  );
}

function Header({ frame }: FrameProps) {
  const count = frame.cartCount;
  return (
    <header class="site-header">
      <div class="bar">
        <a class="brand" href="/">
          <span class="brand-mark" aria-hidden="true" />
          {frame.shopName}
        </a>
        <form class="search" role="search" action="/search">
          <label class="visually-hidden" for="q">
            Search products
          </label>
          <input
            id="q"
            name="q"
            type="search"
            placeholder="Search products"
            maxLength={200}
            value={frame.query ?? ''}
          />
        </form>
        <nav class="tools" aria-label="Account and cart">
          <a href={frame.isSignedIn ? '/account' : '/account/sign-in'}>
            {frame.isSignedIn ? 'Account' : 'Sign in'}
          </a>
          <a class="cart-link" href="/cart">
            Cart
            <span class="count" data-count={count}>
              <span aria-hidden="true">{count}</span>
              <span class="visually-hidden">
                , {count} {count === 1 ? 'item' : 'items'}
              </span>
            </span>
          </a>
        </nav>
      </div>
    </header>
  );
}

const Footer = ({ frame }: FrameProps) => (
  <footer class="site-footer">
    <div class="bar">
      <p>{frame.shopName}: one shop, two clouds.</p>
      <nav aria-label="More">
        <a href="/">Home</a>
        {frame.platformUrl && <a href={frame.platformUrl}>Platform</a>}
        {frame.mailboxUrl && <a href={frame.mailboxUrl}>Mailbox of this laptop</a>}
        {frame.tools?.map(({ title, url }) => (
          <a key={url} href={url}>
            {title}
          </a>
        ))}
      </nav>
    </div>
  </footer>
);
