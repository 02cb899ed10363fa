// Which of the payload files named as arguments do not fit Slack's own TypeScript types.
//
// Each payload is written out as a TypeScript literal that must satisfy the type: so literal types hold, and a key
// that Slack does not know is an error. Types know no lengths and no counts; those are tested in Python.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

// `data_visualization` is newer than KnownBlock; this is its reference page (Slack, "Data visualization block").
const prelude = `
import type { KnownBlock } from '@slack/types';
import type { IncomingWebhookSendArguments } from '@slack/webhook';
interface Point { label: string; value: number }
interface LineChart {
  type: 'line';
  series: { name: string; data: Point[] }[];
  axis_config: { categories: string[]; x_label?: string; y_label?: string };
}
interface DataVisualization { type: 'data_visualization'; block_id?: string; title: string; chart: LineChart }
type Message = Omit<IncomingWebhookSendArguments, 'blocks'> & { blocks?: (KnownBlock | DataVisualization)[] };
`;

const options = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: true,
  target: 'ES2022',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: [],
};

function writeLiteral(directory, file) {
  const payload = JSON.stringify(JSON.parse(readFileSync(file, 'utf8')), null, 1);
  writeFileSync(join(directory, `${basename(file)}.ts`), `${prelude}export const message = ${payload} satisfies Message;\n`);
}

function check(directory, files) {
  files.forEach((file) => writeLiteral(directory, file));
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  try {
    execFileSync(join(here, 'node_modules', '.bin', 'tsc'), ['-p', directory, '--pretty', 'false'], { stdio: 'pipe' });
    return 0;
  } catch (failure) {
    process.stderr.write(String(failure.stdout) + String(failure.stderr));
    return 1;
  }
}

// Inside this folder, so that the types are found.
const directory = mkdtempSync(join(here, 'checked-'));
try {
  process.exitCode = check(directory, process.argv.slice(2));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
