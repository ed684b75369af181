/** `30 years`, `12 days`, `1 h 02 min`, `3 min 05 s`, `12 s` */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const days = Math.round(seconds / 86_400);
  if (days >= 730) return `${Math.round(days / 365.25).toLocaleString('en')} years`;
  if (days >= 5) return `${days} days`;
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  if (seconds >= 60) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${seconds} s`;
}
