// Every name that the platform has on the internet, from the one host name of the settings.
import type { Settings } from './settings.ts';

type Named = Pick<Settings, 'edge'>;

/** Also the origin of the shop's pages, whose scripts upload photos. */
export const shopUrl = ({ edge }: Named): string => `https://${edge.hostName}`;

/** The host of the services. Pages have another one, because pages and services use the same paths, such as `/products`. */
export const apiHostName = ({ edge }: Named): string => `api.${edge.hostName}`;

export const imagesHostName = ({ edge }: Named): string => `images.${edge.hostName}`;

/** Where browsers find renditions; keys follow after a slash. */
export const imagesBaseUrl = (settings: Named): string => `https://${imagesHostName(settings)}`;

/** The sender of every mail. */
export const mailSender = ({ edge }: Named): string => `no-reply@${edge.hostName}`;

/** Where mail servers return what they could not deliver. */
export const bounceDomain = ({ edge }: Named): string => `bounce.${edge.hostName}`;
