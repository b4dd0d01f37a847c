/** Of the stand-ins that are ours: `/livez`, `/readyz` and `/metrics`. */
export const OPS_PORT = 4100;
