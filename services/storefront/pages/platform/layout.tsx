// What all platform pages have around them: tabs, the state of what is shown, and what to do without a script.
import type { ComponentChildren } from 'preact';
import { Document } from '../frame.tsx';
import type { LiveState, PlatformFrame } from './props.ts';
import { TABS } from './tabs.ts';

interface LayoutProps {
  readonly frame: PlatformFrame;
  readonly title: string;
  /** A sentence or two about the page. */
  readonly lead: string;
  /** Missing where nothing on the page changes while it is open. */
  readonly live?: { readonly streamUrl: string; readonly state: LiveState } | undefined;
  readonly children: ComponentChildren;
}

/** The script replaces every `data-part` within by what comes from `data-live` (browser.ts). */
export const PlatformPage = ({ frame, title, lead, live, children }: LayoutProps) => (
  <Document title={title} frame={frame} bundle="platform">
    <div class="platform" data-live={live?.streamUrl} data-locale={frame.locale}>
      <nav class="tabs" aria-label="Platform">
        {TABS.filter(({ name }) => name !== 'faults' || frame.hasFaults).map((tab) => (
          <a key={tab.name} href={tab.path} aria-current={tab.name === frame.tab ? 'page' : undefined}>
            {tab.title}
          </a>
        ))}
      </nav>
      <div class="platform-head">
        <h1>{title}</h1>
        {live && <State state={live.state} />}
      </div>
      <p class="lead">{lead}</p>
      {live && <Away state={live.state} />}
      {children}
    </div>
  </Document>
);

/** The script says here that a page follows what happens, or why it does not. */
const State = ({ state }: { state: LiveState }) => (
  <p class="live-state" role="status" data-live-state={state.name} data-lost="Reconnecting">
    {state.title}
  </p>
);

const Away = ({ state }: { state: LiveState }) => (
  <>
    <p class="notice" data-live-words hidden={state.words === ''}>
      {state.words}
    </p>
    <noscript>
      <p class="notice">
        This page follows what happens by a script. Without one, <a href="">load it again</a> to see what is
        new.
      </p>
    </noscript>
  </>
);

/** What a page says before its script has connected. */
export const asOf = (iso: string, locale: string): LiveState => ({
  name: 'live',
  title: `As of ${new Intl.DateTimeFormat(locale, { timeStyle: 'medium', timeZone: 'UTC' }).format(new Date(iso))} UTC`,
  words: '',
});
