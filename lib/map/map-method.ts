/**
 * mds: classical multidimensional scaling of sqrt(KL); pca: principal components of Q. For double-centred Q both are one picture, in
 * units of sqrt(bits/byte) and of nats.
 */
export const mapMethods = ["mds", "pca"] as const;
export type MapMethod = (typeof mapMethods)[number];
