// What a spec starts in parts, and stops as a whole.

/** Keeps how to stop a part that has been started. */
export type OnStop = (stop: () => Promise<unknown>) => void;

/** Starts all parts; they are stopped in reverse order, also when a later one fails to start. */
export async function startStoppable<Parts>(
  startParts: (onStop: OnStop) => Promise<Parts>,
): Promise<Parts & { stop(): Promise<void> }> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopPart of stops.splice(0).toReversed()) await stopPart();
  };
  try {
    return { ...(await startParts((stopPart) => stops.push(stopPart))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
