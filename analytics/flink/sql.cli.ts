// `npm run flink:sql`: writes image-bytes.sql again after a change of contracts/ or of what makes it.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { SQL_FILE } from './job.ts';
import { imageBytesSql } from './sql.ts';

writeFileSync(SQL_FILE, imageBytesSql());
console.log(relative(process.cwd(), SQL_FILE));
