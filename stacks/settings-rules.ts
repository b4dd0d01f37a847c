// Rules about several fields of the settings. The schema judges each field alone, these rules judge them together.
import { GOOGLE_DNS_RANGE, overlaps } from './addresses.ts';
import { combinationFaults } from './combination-rules.ts';
import { type Settings, SettingsError, type SettingsFault, settingsSchema } from './settings.ts';

const checkedSettings = settingsSchema.superRefine((settings, context) => {
  for (const { path, message } of settingsFaults(settings))
    context.addIssue({ code: 'custom', path: [...path], message });
});

/** Valid settings. @throws SettingsError that names every faulty field and the file to change */
export function checkSettings(written: unknown, source: string): Settings {
  const result = checkedSettings.safeParse(written);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `  ${path.join('.') || '(all)'}: ${message}`);
  throw new SettingsError(`The settings in ${source} are faulty:\n\n${faults.join('\n')}\n`);
}

/** Every contradiction; empty when there is none. */
const settingsFaults = (settings: Settings): SettingsFault[] => [
  ...hostFaults(settings),
  ...rangeFaults(settings),
  ...zoneFaults(settings),
  ...sizeFaults(settings),
  ...tunnelFaults(settings),
  ...protectionFaults(settings),
  ...paymentFaults(settings),
  ...combinationFaults(settings),
];

/** Everything that is routed between the clouds or inside one: no two may meet. */
export const routedRanges = ({ aws, gcp }: Settings): [path: string[], range: string][] => [
  [['aws', 'vpcRange'], aws.vpcRange],
  [['aws', 'serviceRange'], aws.serviceRange],
  [['gcp', 'workersRange'], gcp.workersRange],
  [['gcp', 'dataprocRange'], gcp.dataprocRange],
  [['gcp', 'privateServicesRange'], gcp.privateServicesRange],
];

/** A certificate is proven, and every record made, in that zone alone. */
function hostFaults({ edge: { hostName, zone } }: Settings): SettingsFault[] {
  if (hostName === zone.name || hostName.endsWith(`.${zone.name}`)) return [];
  return [{ path: ['edge', 'hostName'], message: `${hostName} is not in the zone ${zone.name}` }];
}

function rangeFaults(settings: Settings): SettingsFault[] {
  const ranges = routedRanges(settings);
  const faults = ranges.flatMap(([path, range], at) =>
    [...ranges.slice(0, at), [['Google’s DNS range'], GOOGLE_DNS_RANGE] as const]
      .filter(([, other]) => overlaps(range, other))
      .map(([other, taken]) => ({ path, message: `${range} overlaps ${other.join('.')} (${taken})` })),
  );
  const prefixLength = Number(settings.aws.vpcRange.split('/')[1]);
  if (prefixLength < 16 || prefixLength > 20)
    faults.push({
      path: ['aws', 'vpcRange'],
      message: `/${prefixLength}: nine subnets need a range from /16 to /20`,
    });
  return faults;
}

function zoneFaults({ aws: { region, zones } }: Settings): SettingsFault[] {
  return zones.flatMap((zone, at) => {
    const path = ['aws', 'zones', at];
    if (!new RegExp(`^${region}[a-f]$`).test(zone))
      return [{ path, message: `${zone} is no zone of ${region}` }];
    return zones.indexOf(zone) === at ? [] : [{ path, message: `${zone} is named twice` }];
  });
}

function sizeFaults({ aws, gcp }: Settings): SettingsFault[] {
  const pairs: [string[], number, string, number][] = [
    [
      ['aws', 'eks', 'general', 'nodeCountMax'],
      aws.eks.general.nodeCountMax,
      'nodeCountMin',
      aws.eks.general.nodeCountMin,
    ],
    [
      ['aws', 'eks', 'compute', 'nodeCountMax'],
      aws.eks.compute.nodeCountMax,
      'nodeCountMin',
      aws.eks.compute.nodeCountMin,
    ],
    [['aws', 'kafka', 'volumeGibMax'], aws.kafka.volumeGibMax, 'volumeGib', aws.kafka.volumeGib],
    [['aws', 'postgres', 'volumeGibMax'], aws.postgres.volumeGibMax, 'volumeGib', aws.postgres.volumeGib],
    [['gcp', 'sql', 'diskGibMax'], gcp.sql.diskGibMax, 'diskGib', gcp.sql.diskGib],
  ];
  return pairs
    .filter(([, most, , least]) => most < least)
    .map(([path, most, name, least]) => ({ path, message: `${most} is less than ${name} (${least})` }));
}

/** Site-to-Site VPN keeps these for itself (AWS, "Tunnel options for your Site-to-Site VPN connection"). */
const RESERVED_INSIDE_RANGES = [
  '169.254.0.0/30',
  '169.254.1.0/30',
  '169.254.2.0/30',
  '169.254.3.0/30',
  '169.254.4.0/30',
  '169.254.5.0/30',
  '169.254.169.252/30',
];

function tunnelFaults({ link: { insideRanges, awsAsn, gcpAsn } }: Settings): SettingsFault[] {
  const faults = insideRanges.flatMap((range, at) => {
    const path = ['link', 'insideRanges', at];
    const say = (message: string): SettingsFault[] => [{ path, message }];
    if (!range.endsWith('/30') || !overlaps(range, '169.254.0.0/16'))
      return say(`${range} is no /30 of 169.254.0.0/16`);
    if (RESERVED_INSIDE_RANGES.includes(range)) return say(`AWS keeps ${range} for itself`);
    return insideRanges.indexOf(range) === at ? [] : say(`${range} is named twice`);
  });
  if (awsAsn === gcpAsn)
    faults.push({ path: ['link', 'gcpAsn'], message: `both sides have the ASN ${awsAsn}` });
  return faults;
}

function protectionFaults({
  environment,
  isProtected,
  isBeingTakenDown,
  aws,
  gcp,
}: Settings): SettingsFault[] {
  const faults: SettingsFault[] = [];
  if (isProtected && isBeingTakenDown)
    faults.push({
      path: ['isProtected'],
      message: 'what is being taken down cannot be protected: set false',
    });
  if (aws.eks.publicApiRanges.includes('0.0.0.0/0'))
    faults.push({
      path: ['aws', 'eks', 'publicApiRanges'],
      message: '0.0.0.0/0 opens the Kubernetes API to everybody; name your own ranges',
    });
  if (environment !== 'prod') return faults;
  if (!isProtected && !isBeingTakenDown)
    faults.push({
      path: ['isProtected'],
      message: 'prod must be protected: set true, or isBeingTakenDown where it goes for good',
    });
  if (aws.natGateways !== 'each-zone')
    faults.push({
      path: ['aws', 'natGateways'],
      message: 'prod needs a gateway in each zone: set each-zone',
    });
  if (!gcp.sql.isRegional)
    faults.push({ path: ['gcp', 'sql', 'isRegional'], message: 'prod needs a standby: set true' });
  return faults;
}

/** A checkout can be paid, and goods of prod are paid with real money. */
function paymentFaults({ environment, payments: { provider, publishableKey } }: Settings): SettingsFault[] {
  const at = (name: string, message: string): SettingsFault[] => [{ path: ['payments', name], message }];
  if (provider === 'sandbox')
    return environment === 'prod'
      ? at('provider', 'prod would hand goods out for money of the sandbox: set stripe')
      : [];
  if (!publishableKey)
    return at('publishableKey', 'without it no card can be entered: set Stripe’s pk_… key');
  return environment === 'prod' && publishableKey.startsWith('pk_test_')
    ? at('publishableKey', 'prod would hand goods out for Stripe’s test money: set the pk_live_… key')
    : [];
}
