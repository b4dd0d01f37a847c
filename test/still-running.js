const QUIET_MS_MAX = 120_000;

/** Names the spec files at work when none has ended for two minutes: a CI stops what is silent, and people worry. */
export default class StillRunning {
  #startedAt = new Map();
  #timer;

  onTestFileStart({ path }) {
    this.#startedAt.set(path, Date.now());
    this.#wait();
  }

  onTestFileResult({ path }) {
    this.#startedAt.delete(path);
    this.#wait();
  }

  onRunComplete() {
    clearInterval(this.#timer);
  }

  #wait() {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      const files = [...this.#startedAt].map(
        ([path, since]) => `${path} (${Math.round((Date.now() - since) / 1000)} s)`,
      );
      process.stderr.write(`still running: ${files.join(', ')}\n`);
    }, QUIET_MS_MAX);
    this.#timer.unref();
  }
}
