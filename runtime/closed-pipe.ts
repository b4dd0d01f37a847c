// Imported for its effect: the reader of what a program prints may stop reading (`… --help | head -1`), and the program then ends in
// its own time without a word. Other faults of the streams stay faults.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
