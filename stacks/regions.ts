// Regions that a setting may name. Sources: AWS, "Regions, Availability Zones, and Local Zones" (those with three zones or
// more, MSK and EKS), Google Cloud, "Regions and zones" (those with Cloud Run worker pools), both as of November 2026.

export const AWS_REGIONS = [
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'ca-central-1',
  'ap-northeast-1',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'sa-east-1',
] as const;

/** CloudFront takes certificates of this region alone, and sends its logs from it (AWS, "Requirements for using SSL/TLS certificates with CloudFront"). */
export const CLOUDFRONT_REGION = 'us-east-1';

export const GOOGLE_REGIONS = [
  'europe-west1',
  'europe-west2',
  'europe-west3',
  'europe-west4',
  'europe-west6',
  'europe-west9',
  'europe-north1',
  'us-central1',
  'us-east1',
  'us-east4',
  'us-west1',
  'northamerica-northeast1',
  'asia-northeast1',
  'asia-south1',
  'asia-southeast1',
  'australia-southeast1',
  'southamerica-east1',
] as const;
