// Which pixel size has which size_label: versioned data, so that old events keep the label they were made under.

/** One row of a size table. */
export interface SizeLabelRule {
  readonly label: string;
  /** A rendition has this label when its longest edge, in pixels, is at most this. */
  readonly edgePixelsMax: number;
}

/** A published version of the table, rules from the smallest edge to the largest. Never edited: a change is a new version. */
export interface SizeTable {
  readonly version: number;
  readonly rules: readonly SizeLabelRule[];
  /** The label of everything larger than the last rule. */
  readonly beyond: string;
}

export const SIZE_TABLES: Readonly<Record<number, SizeTable>> = {
  1: {
    version: 1,
    rules: [
      { label: 'thumbnail', edgePixelsMax: 160 },
      { label: 'small', edgePixelsMax: 480 },
      { label: 'medium', edgePixelsMax: 960 },
      { label: 'large', edgePixelsMax: 1920 },
      { label: 'xlarge', edgePixelsMax: 3840 },
    ],
    beyond: 'oversize',
  },
};

/** The version that new events are made under. */
export const SIZE_TABLE_VERSION = 1;

/** The table that the Lambda makes renditions by. */
export const currentSizeTable: SizeTable = sizeTable(SIZE_TABLE_VERSION)!;

/** A published table, or undefined for a version that was never published. */
export function sizeTable(version: number): SizeTable | undefined {
  return SIZE_TABLES[version];
}

/** The label of a pixel size: the first rule, from small to large, that its longest edge fits. */
export function sizeLabelOf(table: SizeTable, width: number, height: number): string {
  const edge = width > height ? width : height;
  for (const rule of table.rules) if (edge <= rule.edgePixelsMax) return rule.label;
  return table.beyond;
}
