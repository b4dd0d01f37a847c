// Pieces of Flink SQL: values in, text out.

/** A text as a literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** `CASE` over conditions, the first that holds counts. */
export const firstOf = (
  cases: readonly (readonly [condition: string, value: string])[],
  otherwise = 'NULL',
): string =>
  cases.length === 0
    ? otherwise
    : `CASE\n${cases.map(([condition, value]) => `    WHEN ${condition} THEN ${value}\n`).join('')}    ELSE ${otherwise}\n  END`;

/** A view with a name for each of its columns. */
export const view = (
  name: string,
  columns: readonly (readonly [expression: string, as?: string])[],
  from: string,
): string =>
  `CREATE TEMPORARY VIEW ${name} AS
SELECT
${columns.map(([expression, as]) => `  ${expression}${as ? ` AS ${as}` : ''}`).join(',\n')}
${from}`;

/** The options of a table. */
export const options = (entries: Readonly<Record<string, string>>): string =>
  Object.entries(entries)
    .map(([name, value]) => `  ${literal(name)} = ${literal(value)}`)
    .join(',\n');
