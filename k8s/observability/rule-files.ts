// The alerts as files for a Prometheus that reads them itself.
export const ruleFiles = (): Readonly<Record<string, string>> => ({});
