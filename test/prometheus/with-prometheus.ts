// Registers tests that need the real Prometheus or its promtool, which the machine has or apt brings; where neither is found, they are listed
// in the report as not done, and the end of the run says so.
import { describe, it } from '@jest/globals';
import { AppError } from '#runtime/errors.ts';
import {
  bringPrometheus,
  type NoPrometheus,
  type PrometheusPrograms,
} from '../../local/prometheus/programs.ts';
import { tellReporter } from '../runner/to-reporter.ts';

/** To be awaited at the top of a spec file. The title names the program that checked. */
export async function describeWithPrometheus(
  title: string,
  tests: (programs: PrometheusPrograms) => void,
): Promise<void> {
  const found = await prometheusOrReason();
  if (!('missing' in found)) {
    describe(`${title} (Prometheus ${found.version})`, () => tests(found));
    return;
  }
  const line = `NOT RUN, since there is no Prometheus: ${title} (${found.missing})`;
  tellReporter({ isFailure: false, text: line });
  // "todo" is counted beside passed and failed, so neither is claimed.
  describe(title, () => it.todo(line));
}

/** @throws when it is there and cannot be used: that is a failure */
export async function prometheusOrReason(
  bring = () => bringPrometheus(() => {}),
): Promise<PrometheusPrograms | NoPrometheus> {
  try {
    return await bring();
  } catch (error) {
    if (error instanceof AppError && error.code === 'prometheus-missing') return { missing: error.message };
    throw error;
  }
}
