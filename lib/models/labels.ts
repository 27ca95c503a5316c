/** The text of a label of a model, a column of the user's list; null where the model does not have it, or has only spaces. */
export function labelOf({ labels }: { labels: Readonly<Record<string, string>> }, label: string): string | null {
  return Object.hasOwn(labels, label) ? labels[label]?.trim() || null : null;
}
