// `.editorconfig` and biome.json, read as what they say of the same thing; and what of a file's text is not as `.editorconfig` says.
import { matchesGlob } from 'node:path';

export type EditorSettings = Readonly<Record<string, string>>;

export interface Section {
  /** Of paths, as .editorconfig writes it: `*` is every file, `*.md` one in any folder. */
  readonly glob: string;
  readonly settings: EditorSettings;
}

/** As the format says (editorconfig.org, specification 0.17.2): comments are lines of their own, names know no case. */
export function parseEditorConfig(text: string): Section[] {
  const sections: { glob: string; settings: Record<string, string> }[] = [{ glob: '', settings: {} }];
  for (const line of text.split('\n').map((one) => one.trim())) {
    const [, glob] = /^\[(.+)\]$/.exec(line) ?? [];
    const [, name, value] = /^([^#;=]+?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (glob) sections.push({ glob, settings: {} });
    else if (name) sections.at(-1)!.settings[name.toLowerCase()] = value!.toLowerCase();
    else if (line && !/^[#;]/.test(line)) throw new TypeError(`.editorconfig: ${line} is no setting`);
  }
  return sections;
}

/** What holds for a file: later sections win. */
export const settingsFor = (sections: readonly Section[], path: string): EditorSettings =>
  Object.assign({}, ...sections.filter(({ glob }) => glob && covers(glob, path)).map((one) => one.settings));

const covers = (glob: string, path: string): boolean =>
  matchesGlob(path, glob.includes('/') ? glob : `**/${glob}`);

interface BiomeSettings {
  readonly formatter: {
    readonly indentStyle?: string;
    readonly indentWidth?: number;
    readonly lineWidth?: number;
    readonly lineEnding?: string;
  };
}

/** What biome's settings are in the words of .editorconfig; its defaults are those of biome 2. */
export const asEditorSettings = ({ formatter }: BiomeSettings): EditorSettings => ({
  indent_style: formatter.indentStyle ?? 'tab',
  indent_size: String(formatter.indentWidth ?? 2),
  max_line_length: String(formatter.lineWidth ?? 80),
  end_of_line: formatter.lineEnding ?? 'lf',
});

/** What an editor that heeds the settings would change in the text, but for indents and the length of lines. */
export function textFaults(text: string, settings: EditorSettings): string[] {
  const has = (name: string, value: string): boolean => settings[name] === value;
  return [
    has('end_of_line', 'lf') && text.includes('\r') ? 'has a carriage return' : '',
    has('insert_final_newline', 'true') && text && !text.endsWith('\n') ? 'does not end with a newline' : '',
    has('trim_trailing_whitespace', 'true') && /[ \t]$/m.test(text) ? 'has blanks at the end of a line' : '',
    has('charset', 'utf-8') && (text.startsWith('\uFEFF') || text.includes('\uFFFD'))
      ? 'is not UTF-8, or begins with a mark'
      : '',
  ].filter((fault) => fault !== '');
}
