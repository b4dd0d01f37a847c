// What to do so that a cluster has the topics of the contracts: they are created, get partitions or settings, and never shrink or go. Pure.
import type { TopicSettings } from '#contracts/topics.ts';

/** What changes of a topic that is there: what is not named stays. */
type TopicChange = Pick<TopicSettings, 'topic'> & Partial<TopicSettings>;

export interface TopicPlan {
  readonly create: readonly TopicSettings[];
  readonly change: readonly TopicChange[];
  readonly unchanged: readonly string[];
  /** Why nothing may be done; for the reader of the failed deployment. */
  readonly refusals: readonly string[];
}

/** Compares what is wanted with what is there. Topics that no contract names are not touched, nor looked at. */
export function planTopics(wanted: readonly TopicSettings[], present: readonly TopicSettings[]): TopicPlan {
  const presentOf = new Map(present.map((one) => [one.topic, one]));
  const plan = {
    create: [] as TopicSettings[],
    change: [] as TopicChange[],
    unchanged: [] as string[],
    refusals: [] as string[],
  };
  for (const settings of wanted) {
    const found = presentOf.get(settings.topic);
    const change = found && changeOf(settings, found);
    if (!found) plan.create.push(settings);
    else if (found.partitions > settings.partitions) plan.refusals.push(refusal(settings, found));
    else if (change) plan.change.push(change);
    else plan.unchanged.push(settings.topic);
  }
  return plan;
}

const refusal = ({ topic, partitions: wanted }: TopicSettings, { partitions }: TopicSettings): string =>
  `${topic} has ${partitions} partitions and the contract asks for ${wanted}: Kafka cannot take partitions away. ` +
  'Give the contract the higher number, or make a new topic and move its readers.';

function changeOf(
  { topic, partitions, config }: TopicSettings,
  found: TopicSettings,
): TopicChange | undefined {
  const isLarger = partitions > found.partitions;
  const differs = Object.entries(config).some(
    ([name, value]) => !Object.hasOwn(found.config, name) || found.config[name] !== value,
  );
  if (!isLarger && !differs) return undefined;
  return {
    topic,
    ...(isLarger ? { partitions } : {}),
    // Settings that the contract does not name are sent too: the broker would drop them.
    ...(differs ? { config: { ...found.config, ...config } } : {}),
  };
}
